import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context, Work } from '../context.ts';
import { invalidField } from '../errors.ts';
import { answerOnce } from '../modules/idempotency/idempotency.service.ts';
import { actorOf } from './authenticate.ts';

const VALID_KEY = /^[\x21-\x7e]{1,255}$/;

/** The description of the header, for routes that honour it. */
export const IDEMPOTENCY_HEADER = {
  'idempotency-key': {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description:
      'Repeating the request with the same key within 24 hours gives the first answer again.',
  },
};

/** What a handler answers, before it is known whether it will be kept for a repetition. */
export interface Outcome<Body> {
  status: number;
  headers?: Record<string, string>;
  body: Body;
}

/**
 * Answers a POST, once per `Idempotency-Key` where the request carries one.
 * @throws request.invalid, idempotency.mismatch, idempotency.in_progress, and what `work` throws
 */
export async function sendOnce<Body>(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (ctx: Work) => Promise<Outcome<Body>>,
): Promise<FastifyReply> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    const { status, headers = {}, body } = await work(ctx);
    return reply.code(status).headers(headers).send(body);
  }
  if (typeof key !== 'string' || !VALID_KEY.test(key)) {
    throw invalidField('/Idempotency-Key', 'must have 1 to 255 visible ASCII characters');
  }
  const path = request.url.split('?', 1)[0] ?? '';
  const scope = { userId: actorOf(request).userId, method: request.method, path, key };
  const answer = await answerOnce(ctx, scope, request.body, async (inner) => {
    const { status, headers = {}, body } = await work(inner);
    return { status, headers, body: JSON.stringify(body) };
  });
  if (answer.isReplayed) reply.header('idempotency-replayed', 'true');
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .header('content-type', 'application/json; charset=utf-8')
    .serializer((text: string) => text)
    .send(answer.body);
}
