import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.ts';
import { AppError } from '../errors.ts';

const PERMANENT_REDIRECT = 308;
/** Asked by machines beside the server, which do not follow redirects. */
const PROBES = new Set(['/health', '/ready', '/metrics']);

/**
 * Turns away what a proxy says came to it by plain http, where people are to come by https: pages
 * and reads are sent there, everything else is refused, since it has been readable on its way.
 * Anybody may claim plain http; it only turns their own request away.
 */
export function requireHttps(
  app: FastifyInstance,
  publicUrl: string,
  profile: Config['profile'],
): void {
  if (profile === 'development' || !publicUrl.startsWith('https:')) return;
  app.addHook('onRequest', (request, reply, done) => {
    const isProbe = PROBES.has(request.routeOptions.url ?? '');
    if (isProbe || !isPlainHttp(request.headers['x-forwarded-proto'])) return done();
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    // A target in absolute form (`GET http://other/ HTTP/1.1`) would lead elsewhere.
    if (!isRead || !request.url.startsWith('/')) return done(new AppError('transport.insecure'));
    reply.redirect(`${publicUrl}${request.url}`, PERMANENT_REDIRECT);
  });
}

/** Whether the first proxy, the one that the client talked to, was reached by plain http. */
function isPlainHttp(forwarded: string | string[] | undefined): boolean {
  const first = String(forwarded ?? '').split(',', 1)[0] ?? '';
  return first.trim().toLowerCase() === 'http';
}
