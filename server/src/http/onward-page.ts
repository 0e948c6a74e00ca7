import type { FastifyReply } from 'fastify';
import { escapeHtml } from '../platform/html.ts';

const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * A page that at once leads to `path` of this site. A browser keeps `SameSite=Strict` cookies back while
 * another site leads it; led by our own page, it brings them.
 */
export function onwardPage(reply: FastifyReply, path: string): FastifyReply {
  const href = escapeHtml(path);
  return reply
    .header('content-security-policy', POLICY)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${href}"><title>Docket</title><p><a href="${href}">Continue</a></p></html>`,
    );
}
