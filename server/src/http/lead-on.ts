import type { FastifyReply } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import type { Log } from '../platform/log.ts';
import { refusalOf } from './error-handler.ts';

/**
 * Leads a browser to where `go` says, or sends what it has answered itself; a refusal leads to
 * `problemPage`, since nobody reads an error document in the place of a page.
 */
export async function leadOn(
  reply: FastifyReply,
  log: Log,
  problemPage: (code: ErrorCode) => string,
  go: () => Promise<string | FastifyReply>,
): Promise<FastifyReply> {
  // Nobody who sees where the browser goes next is to see what stood in this address.
  reply.header('referrer-policy', 'no-referrer');
  try {
    const onward = await go();
    return typeof onward === 'string' ? reply.redirect(onward, 302) : onward;
  } catch (error) {
    const refusal = error instanceof Error ? refusalOf(error) : null;
    if (!refusal) throw error;
    if (refusal.kind === 'unavailable') {
      log.warn({ err: error, request_id: reply.request.id }, 'a browser was led to a problem page');
    }
    return reply.redirect(problemPage(refusal.code), 302);
  }
}
