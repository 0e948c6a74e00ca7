import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { DatabaseUnavailable } from '../platform/postgres/errors.ts';
import { RedisUnavailable } from '../platform/redis/redis.ts';
import { isLoopbackAddress } from './loopback.ts';
import { problems } from './responses.ts';
import type { Api } from './route.ts';
import { Timestamp, Words } from './schema.ts';

const READY_TIMEOUT_MS = 2000;

const Health = Type.Object({ status: Type.Literal('ok'), timestamp: Timestamp });

const Dependency = Type.Object({
  status: Words(['up', 'down']),
  latency_ms: Type.Unsafe<number | null>({ type: ['number', 'null'] }),
});

const Readiness = Type.Object({
  status: Words(['ready', 'unavailable', 'stopping']),
  dependencies: Type.Object({
    database: Dependency,
    /** Without it requests are served all the same; absent where none is configured. */
    redis: Type.Optional(Dependency),
  }),
});

/** What operators, probes and other services ask for. */
export function serviceRoutes(app: Api, ctx: Context): void {
  probeRoutes(app, ctx);
  metricsRoute(app, ctx);
  keyRoute(app, ctx);
}

const config = { access: 'public', rateLimit: 'none' } as const;

function probeRoutes(app: Api, ctx: Context): void {
  app.get(
    '/health',
    {
      config,
      exposeHeadRoute: true,
      schema: {
        operationId: 'getHealth',
        tags: ['Service'],
        summary: 'Whether the process answers; touches nothing else',
        response: { 200: Health },
      },
    },
    () => ({ status: 'ok' as const, timestamp: new Date().toISOString() }),
  );

  app.get(
    '/ready',
    {
      config,
      exposeHeadRoute: true,
      schema: {
        operationId: 'getReadiness',
        tags: ['Service'],
        summary: 'Whether requests can be served, with the state of each dependency',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const [database, redis] = await Promise.all([pingDatabase(ctx), pingRedis(ctx)]);
      const isReady = database.status === 'up' && !ctx.isStopping;
      const status = ctx.isStopping ? 'stopping' : isReady ? 'ready' : 'unavailable';
      return reply
        .code(isReady ? 200 : 503)
        .send({ status, dependencies: { database, ...(redis && { redis }) } });
    },
  );
}

function metricsRoute(app: Api, ctx: Context): void {
  app.get(
    '/metrics',
    {
      config,
      schema: {
        operationId: 'getMetrics',
        tags: ['Service'],
        summary: 'Metrics in the text format of Prometheus',
        response: {
          200: {
            description: 'The metrics.',
            content: { 'text/plain': { schema: Type.String() } },
          },
          ...problems(401, 404),
        },
      },
    },
    async (request, reply) => {
      requireMetricsAccess(ctx, request);
      return reply.type(ctx.metrics.contentType).send(await ctx.metrics.text());
    },
  );
}

function keyRoute(app: Api, ctx: Context): void {
  app.get(
    '/.well-known/jwks.json',
    {
      config,
      exposeHeadRoute: true,
      schema: {
        operationId: 'getJwks',
        tags: ['Service'],
        summary: 'Public keys of access tokens',
        response: {
          200: Type.Object({ keys: Type.Array(Type.Object({}, { additionalProperties: true })) }),
        },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return ctx.signingKeys.jwks();
    },
  );
}

async function pingDatabase(ctx: Context) {
  try {
    const latencyMs = await ctx.db.ping(READY_TIMEOUT_MS);
    return { status: 'up' as const, latency_ms: Math.round(latencyMs * 100) / 100 };
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return { status: 'down' as const, latency_ms: null };
  }
}

async function pingRedis({ redis }: Context) {
  if (!redis) return null;
  try {
    return { status: 'up' as const, latency_ms: Math.round((await redis.ping()) * 100) / 100 };
  } catch (error) {
    if (!(error instanceof RedisUnavailable)) throw error;
    return { status: 'down' as const, latency_ms: null };
  }
}

/** With `METRICS_TOKEN` by that token; without, for requests made on this machine, not through a proxy. */
function requireMetricsAccess(ctx: Context, request: FastifyRequest): void {
  const { metricsToken } = ctx.config;
  if (metricsToken !== null) {
    const expected = Buffer.from(`Bearer ${metricsToken}`);
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return;
    throw new AppError(request.headers.authorization ? 'token.invalid' : 'token.missing');
  }
  const isProxied = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers;
  if (isProxied || !isLoopbackAddress(request.socket.remoteAddress ?? '')) {
    throw new AppError('route.not_found');
  }
}
