import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
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
      const { code } = refusal;
      log.warn({ code, request_id: reply.request.id }, 'a browser was led to a problem page');
    }
    return reply.redirect(problemPage(refusal.code), 302);
  }
}

/**
 * For routes to which browsers are led: what is refused before the handler runs, such as one request too
 * many, leads a browser to `problemPage` as well. Programs get the usual document.
 */
export function refuseBrowsersWith(problemPage: (provider: string, code: ErrorCode) => string) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error);
    const isBrowser = request.headers.accept?.includes('text/html') ?? false;
    if (!refusal || !isBrowser) throw error;
    const { provider } = request.params as { provider: string };
    return reply.redirect(problemPage(provider, refusal.code), 302);
  };
}
