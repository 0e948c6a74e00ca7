import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import { DatabaseUnavailable } from '../platform/postgres/errors.ts';
import { bareProblem, PROBLEM_MEDIA_TYPE, sendBareProblem, sendProblem } from './problem.ts';
import { type SecurityHeaders, setHeaders } from './security-headers.ts';

const RETRY_AFTER_SECONDS = 2;

/** How refusals look to one kind of client. */
export interface ErrorWriter {
  refuse(request: FastifyRequest, reply: FastifyReply, refusal: AppError): FastifyReply;
  /** For what has no code of its own: a framework's refusal, or a defect. */
  refuseBare(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply;
}

/** Answers everything that is thrown by the routes of a scope; what is a defect goes to the log. */
export function answerErrorsWith(scope: FastifyInstance, log: Log, writer: ErrorWriter): void {
  scope.setErrorHandler<FastifyError>((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal?.kind === 'unavailable') {
      log.warn({ err: error, request_id: request.id }, 'answered 503');
    }
    if (refusal) return writer.refuse(request, reply, refusal);
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return writer.refuseBare(request, reply, status);
    log.error({ err: error, request_id: request.id, route: request.routeOptions.url }, 'failed');
    return writer.refuseBare(request, reply, 500);
  });
}

/** Answers everything that is thrown, and unknown addresses, as problems. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  answerErrorsWith(app, log, { refuse: sendProblem, refuseBare: sendBareProblem });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new AppError('route.not_found')),
  );
}

/** Answers addresses that cannot even be decoded; no hook has run for them. */
export function answerBadAddresses(headers: SecurityHeaders) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('x-request-id', request.id);
    setHeaders(reply, headers.api);
    sendProblem(request, reply, new AppError('route.not_found'));
  };
}

/** Answers what the HTTP parser could not read: there is no request yet, only a socket. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = UNREADABLE_STATUS[error.code ?? ''] ?? 400;
  const id = randomUUID();
  const body = JSON.stringify(bareProblem(status, id));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      `content-type: ${PROBLEM_MEDIA_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${id}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const UNREADABLE_STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** The refusal that an error stands for; null: it is none of ours. */
export function refusalOf(error: Error & { code?: string }): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof DatabaseUnavailable) {
    return new AppError('database.unavailable', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new AppError('request.unsupported_media_type', { cause: error });
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new AppError('request.too_large', { cause: error });
    default:
      return null;
  }
}
