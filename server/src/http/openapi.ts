import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { problems } from './responses.ts';
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
        { name: 'API tokens', description: "Tokens for programs that act in one's place" },
        { name: 'Tasks', description: "One's own tasks" },
        { name: 'Administration', description: "Roles, other people's accounts, jobs and numbers" },
        {
          name: 'Compatibility: todos',
          description: 'For the front end of an earlier todo application with `/api/todos`',
        },
        {
          name: 'Compatibility: tasks by user',
          description: 'For clients of an earlier server with `/api/{user_id}/tasks`',
        },
        {
          name: 'Compatibility: tasks',
          description: 'For clients of earlier servers with `/api/tasks` and `/api/auth`',
        },
        { name: 'Service', description: 'For operators and other services' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An access token, or an API token. `x-access` of an operation names the permission that it asks for; `session` is for access tokens only.',
          },
          refreshCookie: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-docket_refresh',
            description: 'Over plain http, in development, the name is `docket_refresh`.',
          },
        },
      },
    },
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    transform: ({ schema, url, route }) => {
      // Said of public routes too: left out, it would mean "as the document says".
      const access = route.config?.access ?? 'public';
      const security = access === 'public' ? [] : [{ bearer: [] }];
      const described = { security, 'x-access': access, ...schema };
      if (!schema.body || !url.startsWith('/api/v1/')) return { url, schema: described };
      // The gate and the reader of bodies answer these for every route.
      const response = { ...(schema.response as object), ...problems(413, 415) };
      return { url, schema: { ...described, response } };
    },
  });
}

/** The description of everything that is mounted, bodies that may be left out marked as such. */
export function apiDescription(app: FastifyInstance): object {
  const document = structuredClone(app.swagger()) as { paths: Record<string, PathItem> };
  for (const operation of Object.values(document.paths).flatMap((item) => Object.values(item))) {
    const schema = operation.requestBody?.content['application/json']?.schema;
    if (!operation.requestBody || !schema?.['x-optional']) continue;
    operation.requestBody.required = false;
    delete schema['x-optional'];
  }
  return document;
}

type PathItem = Record<string, { requestBody?: RequestBody }>;

interface RequestBody {
  required?: boolean;
  content: Record<string, { schema: { 'x-optional'?: boolean } }>;
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
    (_request, reply) => reply.header('cache-control', 'no-cache').send(apiDescription(app)),
  );
  await app.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    uiConfig: { url: '/api/openapi.json', deepLinking: true, persistAuthorization: false },
  });
}
