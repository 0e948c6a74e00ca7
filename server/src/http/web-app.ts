import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { type SecurityHeaders, setHeaders } from './security-headers.ts';

const DIST_DIR = resolve(import.meta.dirname, '../../../web/dist');
/** Files under `/assets/` carry a hash of their content in their name. */
const ASSET_MAX_AGE = '365d';

interface WebAppOptions {
  headers: SecurityHeaders;
  version: string;
}

/**
 * Serves the built web application: hashed files for ever, its one page for every address that a
 * browser asks for and that is nothing else. Files were compressed when they were built.
 */
export async function webApp(app: FastifyInstance, options: WebAppOptions): Promise<void> {
  const { headers, version } = options;
  const isBuilt = existsSync(join(DIST_DIR, 'index.html'));

  app.addHook('onRequest', (_request, reply, done) => {
    setHeaders(reply, headers.page);
    done();
  });

  await app.register(fastifyStatic, {
    root: DIST_DIR,
    wildcard: false,
    index: false,
    preCompressed: true,
    maxAge: ASSET_MAX_AGE,
    immutable: true,
    serve: false,
  });

  const config = { access: 'public', rateLimit: 'none' } as const;
  const sendPage = (reply: FastifyReply) => {
    if (!isBuilt) throw new AppError('page.not_built');
    return reply.header('cache-control', 'no-cache').sendFile('index.html', {
      cacheControl: false,
    });
  };

  app.get('/', { config, exposeHeadRoute: true, schema: { hide: true } }, (request, reply) =>
    wantsPage(request)
      ? sendPage(reply)
      : reply.send({ name: 'docket', version, docs: '/api/docs' }),
  );

  app.get('/*', { config, exposeHeadRoute: true, schema: { hide: true } }, (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    if (path.startsWith('api/') || path === 'api') throw new AppError('route.not_found');
    if (path.startsWith('assets/')) return reply.sendFile(path);
    if (/\.[a-z0-9]+$/i.test(path)) return reply.sendFile(path, { maxAge: '1h', immutable: false });
    if (!wantsPage(request)) throw new AppError('route.not_found');
    return sendPage(reply);
  });
}

function wantsPage(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') ?? false;
}
