import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import { DatabaseUnavailable } from '../platform/postgres/errors.ts';
import { sendBareProblem, sendProblem } from './problem.ts';
import { type SecurityHeaders, setHeaders } from './security-headers.ts';

const RETRY_AFTER_SECONDS = 2;

/** Answers everything that is thrown, and unknown addresses, as problems. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal?.kind === 'unavailable') {
      log.warn({ err: error, request_id: request.id }, 'answered 503');
    }
    if (refusal) return sendProblem(request, reply, refusal);
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return sendBareProblem(request, reply, status);
    log.error({ err: error, request_id: request.id, route: request.routeOptions.url }, 'failed');
    return sendBareProblem(request, reply, 500);
  });

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

/** The refusal that an error stands for; null: it is none of ours. */
export function refusalOf(error: FastifyError | AppError): AppError | null {
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
