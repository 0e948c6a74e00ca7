import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type AppError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorKind,
  type FieldError,
} from '../errors.ts';
import { etagOf } from './etag.ts';

const STATUS_OF_KIND: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  rate_limited: 429,
  unavailable: 503,
};

/** Codes whose status is finer than that of their kind. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  'idempotency.mismatch': 422,
  'request.unsupported_media_type': 415,
  'request.too_large': 413,
};

/** An error document of RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  errors?: FieldError[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The HTTP status that a code is answered with. */
export function statusOf(code: ErrorCode): number {
  return STATUS_OF_CODE[code] ?? STATUS_OF_KIND[ERROR_CODES[code].kind];
}

/** Sets the headers that the kind of a refusal calls for, whatever its body looks like. */
export function setRefusalHeaders(reply: FastifyReply, error: AppError): void {
  if (error.kind === 'unauthenticated') reply.header('www-authenticate', challengeOf(error.code));
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  if (error.currentVersion !== undefined) reply.header('etag', etagOf(error.currentVersion));
}

/** Answers a refusal as a problem, with the headers that its kind calls for. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: AppError,
): FastifyReply {
  const status = statusOf(error.code);
  setRefusalHeaders(reply, error);
  return send(reply, {
    type: `urn:docket:problem:${error.code}`,
    title: error.message,
    status,
    detail: detailOf(error),
    instance: `urn:uuid:${request.id}`,
    code: error.code,
    ...(error.errors && { errors: error.errors }),
  });
}

/** Answers what has no code of its own: a framework's refusal, or, for a defect, a 500 that tells nothing. */
export function sendBareProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
): FastifyReply {
  return send(reply, bareProblem(status, request.id));
}

/** The problem that a status alone describes. */
export function bareProblem(status: number, requestId: string): Problem {
  const isDefect = status >= 500;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: isDefect
      ? 'The server failed at this. The request id helps the operator to find out why.'
      : 'The request is malformed.',
    instance: `urn:uuid:${requestId}`,
    code: isDefect ? 'server.error' : 'request.refused',
  };
}

function detailOf(error: AppError): string {
  const first = error.errors?.[0];
  if (!first) return error.message;
  const field = first.pointer.slice(1).replaceAll('/', '.');
  return field ? `${field} ${first.detail}.` : `The body ${first.detail}.`;
}

/** RFC 6750 §3: a request that carried a token is told what is wrong with it. */
function challengeOf(code: ErrorCode): string {
  if (code === 'token.missing' || code === 'credentials.invalid') return 'Bearer realm="docket"';
  // RFC 9470 §3: the token is good, the sign-in behind it too old.
  if (code === 'fresh_sign_in.required') {
    return 'Bearer realm="docket", error="insufficient_user_authentication", max_age=600';
  }
  return 'Bearer realm="docket", error="invalid_token"';
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer(JSON.stringify)
    .send(problem);
}
