import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import type { AppError, FieldError } from '../../errors.ts';
import { answerErrorsWith } from '../../http/error-handler.ts';
import { setRefusalHeaders, statusOf } from '../../http/problem.ts';

const TEXT_REQUIRED = 'Todo text is required';
const NOT_JSON = 'The body is not a JSON object';

/** Answers everything that the routes of a scope throw as `{"error": …}`. */
export function answerLikeTodos(scope: FastifyInstance, ctx: Context): void {
  answerErrorsWith(scope, ctx.log, {
    refuse(request, reply, refusal) {
      setRefusalHeaders(reply, refusal);
      return send(reply, statusFor(refusal), textFor(request, refusal));
    },
    refuseBare(_request, reply, status) {
      return send(reply, status, status >= 500 ? 'Internal server error' : 'Bad request');
    },
  });
}

/** The earlier server knew no other refusal of a body that it could not read. */
function statusFor(refusal: AppError): number {
  return refusal.code === 'request.unsupported_media_type' ? 400 : statusOf(refusal.code);
}

function textFor(request: FastifyRequest, refusal: AppError): string {
  if (refusal.kind === 'unauthenticated') return 'Authentication required';
  switch (refusal.code) {
    case 'task.not_found':
      return 'Todo not found';
    case 'request.unsupported_media_type':
    case 'request.malformed':
      return unreadable(request);
    case 'request.invalid':
      return textOf(request, refusal.errors?.[0]);
    default:
      return refusal.message;
  }
}

/** Without a body that can be read there is no text in it. */
function unreadable(request: FastifyRequest): string {
  return request.method === 'POST' ? TEXT_REQUIRED : NOT_JSON;
}

function textOf(request: FastifyRequest, first: FieldError | undefined): string {
  if (!first || first.pointer === '') return unreadable(request);
  const isUnfit = /^must (have at most|not contain)/.test(first.detail);
  if (first.pointer === '/text') return isUnfit ? `Todo text ${first.detail}` : TEXT_REQUIRED;
  return `${first.pointer.slice(1)} ${first.detail}`;
}

function send(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({ error });
}
