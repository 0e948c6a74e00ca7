import { Type } from 'typebox';
import { ProblemDocument, refTo } from './schema.ts';

const PROBLEM_DESCRIPTIONS: Record<number, string> = {
  400: 'The request is not valid; `errors` names the fields.',
  401: 'No valid access token, or the credentials are wrong.',
  403: 'Not allowed.',
  404: 'There is no such thing, or it belongs to somebody else.',
  409: 'Conflicts with what is there.',
  410: 'The link has expired, was used before, or was never valid.',
  412: 'Changed since it was read; `ETag` carries the present version.',
  413: 'The body is larger than 1 MiB.',
  415: 'The media type of the body is not `application/json`.',
  422: 'The `Idempotency-Key` was used with another request.',
  429: 'Too many requests; wait for `Retry-After` seconds.',
  503: 'Not able to answer now; try again after `Retry-After` seconds.',
};

/** Response schemas of refusals, for the description of a route. */
export function problems<const S extends number>(...statuses: S[]) {
  const entries = statuses.map((status) => [
    status,
    {
      description: PROBLEM_DESCRIPTIONS[status] ?? 'Refused.',
      content: { 'application/problem+json': { schema: refTo(ProblemDocument) } },
    },
  ]);
  return Object.fromEntries(entries) as Record<S, never>;
}

/** 204. */
export const noContent = { 204: Type.Null({ description: 'Done.' }) };

/** 304. */
export const notModified = { 304: Type.Null({ description: 'Not modified.' }) };
