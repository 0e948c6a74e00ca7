import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { type SecurityHeaders, setHeaders } from './security-headers.ts';

/** Collects the description of every route that is added after it. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Docket',
        version,
        description: 'Tasks of many users, and the accounts they belong to.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'Account', description: "Registration and one's own account" },
        { name: 'Sessions', description: 'Sign-in, refresh, sign-out' },
        { name: 'Tasks', description: "One's own tasks" },
        { name: 'Service', description: 'For operators and other services' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          refreshCookie: { type: 'apiKey', in: 'cookie', name: 'docket_refresh' },
        },
      },
    },
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    transform: ({ schema, url, route }) => {
      // Said of public routes too: left out, it would mean "as the document says".
      const security = route.config?.access === 'user' ? [{ bearer: [] }] : [];
      return { url, schema: { security, ...schema } };
    },
  });
}

/** Serves the description, and pages to browse and try it; nothing is loaded from elsewhere. */
export async function serveApiDescription(
  app: FastifyInstance,
  headers: SecurityHeaders,
): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    setHeaders(reply, headers.page);
    done();
  });
  const config = { access: 'public', rateLimit: 'none' } as const;
  app.get(
    '/api/openapi.json',
    { config, exposeHeadRoute: true, schema: { hide: true } },
    (_request, reply) => reply.header('cache-control', 'no-cache').send(app.swagger()),
  );
  await app.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    uiConfig: { url: '/api/openapi.json', deepLinking: true, persistAuthorization: false },
  });
}
