import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { answerErrorsWith } from '../http/error-handler.ts';
import { setRefusalHeaders, statusOf } from '../http/problem.ts';
import { refTo } from '../http/schema.ts';

/** One thing wrong with one value, in the words of pydantic; what was sent is never repeated. */
export interface Detail {
  loc: (string | number)[];
  msg: string;
  type: string;
}

/** What is refused by its shape, before anything is done. */
export class ValidationFailed extends AppError {
  readonly details: Detail[];

  constructor(details: Detail[], options: { cause?: unknown } = {}) {
    super('request.invalid', options);
    this.details = details;
  }
}

const NO_OBJECT: Detail = {
  loc: ['body'],
  msg: 'Input should be a valid dictionary or object to extract fields from',
  type: 'model_attributes_type',
};

/** What clients of the earlier servers look for in `detail`; for other codes our own sentence stands. */
const TEXTS: Partial<Record<ErrorCode, string>> = {
  'token.missing': 'Not authenticated',
  'token.expired': 'Token expired',
  // Like an expired one it is mended by a new token.
  'token.stale': 'Token expired',
  'token.invalid': 'Invalid token',
  'session.invalid': 'Invalid token',
  'credentials.invalid': 'Incorrect email or password',
  'user.email_taken': 'Email already registered',
  'task.not_found': 'Task not found',
};

/** A refusal in one sentence. */
export const HttpError = Type.Object(
  { detail: Type.String() },
  { $id: 'HTTPError', description: 'How the compatibility APIs refuse.' },
);

/** Everything that is wrong with the values of a request. */
export const HttpValidationError = Type.Object(
  {
    detail: Type.Array(
      Type.Object({
        loc: Type.Array(Type.Unsafe<string | number>({ type: ['string', 'integer'] })),
        msg: Type.String(),
        type: Type.String(),
      }),
    ),
  },
  { $id: 'HTTPValidationError', description: 'What is wrong with which value.' },
);

const DESCRIPTIONS: Record<number, string> = {
  401: '`Not authenticated`, `Token expired` or `Invalid token`, or the credentials are wrong.',
  403: 'Not allowed.',
  404: 'There is no such task, or it belongs to somebody else.',
  409: 'There is already an account with this address.',
  429: 'Too many requests; wait for `Retry-After` seconds.',
  503: 'Not able to answer now; try again after `Retry-After` seconds.',
};

/** Response schemas of refusals, for the description of a route. */
export function refusals<const S extends number>(...statuses: S[]) {
  const entries = statuses.map((status) => [
    status,
    status === 422
      ? { ...refTo(HttpValidationError), description: 'The request is not valid.' }
      : { ...refTo(HttpError), description: DESCRIPTIONS[status] ?? 'Refused.' },
  ]);
  return Object.fromEntries(entries) as Record<S, never>;
}

/** Answers everything that the routes of a scope throw as `{"detail": …}`. */
export function answerLikeFastApi(scope: FastifyInstance, ctx: Context): void {
  answerErrorsWith(scope, ctx.log, {
    refuse(request, reply, refusal) {
      setRefusalHeaders(reply, refusal);
      const details = detailsOf(refusal);
      if (details) return send(reply, 422, details);
      return send(reply, statusOf(refusal.code), textOf(request, refusal));
    },
    refuseBare(_request, reply, status) {
      const isBody = status === 400;
      return send(
        reply,
        status,
        isBody ? 'There was an error parsing the body' : (STATUS_CODES[status] ?? 'Error'),
      );
    },
  });
}

function send(reply: FastifyReply, status: number, detail: string | Detail[]): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .serializer(JSON.stringify)
    .send({ detail });
}

/** null: nothing is wrong with the shape of the request. */
function detailsOf(refusal: AppError): Detail[] | null {
  if (refusal instanceof ValidationFailed) return refusal.details;
  switch (refusal.code) {
    case 'request.unsupported_media_type':
      return [NO_OBJECT];
    case 'request.malformed':
      return [{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }];
    case 'request.invalid':
      return (refusal.errors ?? []).map(({ pointer, detail }) => ({
        loc: ['body', ...pointer.split('/').slice(1)],
        msg: `Value error, ${detail}`,
        type: 'value_error',
      }));
    default:
      return null;
  }
}

/** Credentials of another kind than a bearer token are none, as FastAPI sees it. */
function textOf({ headers }: FastifyRequest, { code, message }: AppError): string {
  const isBearer = /^bearer /i.test(headers.authorization ?? '');
  const isOther = code === 'token.invalid' && headers.authorization !== undefined && !isBearer;
  return TEXTS[isOther ? 'token.missing' : code] ?? message;
}
