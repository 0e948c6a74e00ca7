import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastifyCors from '@fastify/cors';
import Fastify, { type FastifyInstance } from 'fastify';
import { isUuid } from './auth/uuid.ts';
import { HttpError, HttpValidationError } from './compat/fastapi-errors.ts';
import { FlatAccessGrant, FlatRegistered } from './compat/flat-tasks/flat-sessions.schema.ts';
import { flatTaskRoutes } from './compat/flat-tasks/flat-tasks.routes.ts';
import { FlatTask } from './compat/flat-tasks/flat-tasks.schema.ts';
import { todoRoutes } from './compat/todos/todos.routes.ts';
import { Todo, TodoError } from './compat/todos/todos.schema.ts';
import { userTaskRoutes } from './compat/user-tasks/user-tasks.routes.ts';
import { UserTask } from './compat/user-tasks/user-tasks.schema.ts';
import type { Context } from './context.ts';
import { requireDeclaredAccess } from './http/access.ts';
import { noteApiTokenUses } from './http/authenticate.ts';
import { answerBadAddresses, answerErrors, answerUnreadable } from './http/error-handler.ts';
import { createGate } from './http/gate.ts';
import { readJsonBodies } from './http/json-body.ts';
import { shedLoad } from './http/load-shedding.ts';
import { describeApi, serveApiDescription } from './http/openapi.ts';
import { requireHttps } from './http/require-https.ts';
import type { Api } from './http/route.ts';
import { SHARED_SCHEMAS } from './http/schema.ts';
import { securityHeaders, setHeaders } from './http/security-headers.ts';
import { createSerializerCompiler } from './http/serializer.ts';
import { serviceRoutes } from './http/service-routes.ts';
import { observeRequests } from './http/telemetry.ts';
import { createValidatorCompiler } from './http/validation.ts';
import { webApp } from './http/web-app.ts';
import { accountMergeRoutes } from './modules/account-merges/account-merges.routes.ts';
import { AccountMerge, MergeOffer } from './modules/account-merges/account-merges.schema.ts';
import { accountRoutes } from './modules/administration/accounts.routes.ts';
import { Account, ListedAccount } from './modules/administration/accounts.schema.ts';
import { apiTokenRoutes } from './modules/api-tokens/api-tokens.routes.ts';
import { ApiToken } from './modules/api-tokens/api-tokens.schema.ts';
import { auditRoutes } from './modules/audit/audit.routes.ts';
import { Activity, AuditEvent } from './modules/audit/audit.schema.ts';
import { identityRoutes } from './modules/identities/identities.routes.ts';
import { Identity } from './modules/identities/identities.schema.ts';
import { jobRoutes } from './modules/jobs/jobs.routes.ts';
import { Job } from './modules/jobs/jobs.schema.ts';
import { mailboxRoutes } from './modules/mail/mailbox.routes.ts';
import { providerRoutes } from './modules/providers/providers.routes.ts';
import { roleRoutes } from './modules/roles/roles.routes.ts';
import { Role } from './modules/roles/roles.schema.ts';
import { sessionListRoutes } from './modules/sessions/session-list.routes.ts';
import { Session } from './modules/sessions/session-list.schema.ts';
import { sessionRoutes } from './modules/sessions/sessions.routes.ts';
import { AccessGrant } from './modules/sessions/sessions.schema.ts';
import { setupRoutes } from './modules/setup/setup.routes.ts';
import { statisticsRoutes } from './modules/statistics/statistics.routes.ts';
import { ServerStatistics } from './modules/statistics/statistics.schema.ts';
import { taskRoutes } from './modules/tasks/tasks.routes.ts';
import { Task } from './modules/tasks/tasks.schema.ts';
import { OwnUser } from './modules/users/account.schema.ts';
import { userRoutes } from './modules/users/users.routes.ts';
import { User } from './modules/users/users.schema.ts';
import { VERSION } from './version.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** Longer than any address gets through the parser: an id too long is as absent as any other. */
const MAX_PARAM_LENGTH = 32_768;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;
/** Shapes that stand once in the description, and are referred to. */
const NAMED_SCHEMAS = [
  ...SHARED_SCHEMAS,
  User,
  OwnUser,
  AccessGrant,
  Session,
  ApiToken,
  Identity,
  MergeOffer,
  AccountMerge,
  Task,
  Role,
  Activity,
  AuditEvent,
  ListedAccount,
  Account,
  Job,
  ServerStatistics,
  Todo,
  TodoError,
  HttpError,
  HttpValidationError,
  UserTask,
  FlatTask,
  FlatAccessGrant,
  FlatRegistered,
];

/** Mounts everything, in order. The caller listens, and closes app and context. */
export async function buildApp(ctx: Context): Promise<FastifyInstance> {
  const headers = securityHeaders(ctx.publicUrl, ctx.config.profile);
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: ctx.config.trustedProxies.length > 0 ? ctx.config.trustedProxies : false,
    genReqId: requestIdOf,
    // HEAD would run the handler, which is wrong where a GET changes something: said per route.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    return503OnClosing: false,
    frameworkErrors: answerBadAddresses(headers),
    clientErrorHandler: answerUnreadable,
  });

  requireDeclaredAccess(app);
  readJsonBodies(app);
  app.setValidatorCompiler(createValidatorCompiler());
  app.setSerializerCompiler(createSerializerCompiler((id) => app.getSchema(id)));
  app.decorateRequest('actor', null);
  answerErrors(app, ctx.log);
  observeRequests(app, ctx.log, ctx.metrics);
  for (const schema of NAMED_SCHEMAS) app.addSchema(schema);

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    setHeaders(reply, headers.api);
    done();
  });
  requireHttps(app, ctx.publicUrl, ctx.config.profile);
  shedLoad(app);
  if (ctx.config.corsOrigins.length > 0) await allowOrigins(app, ctx.config.corsOrigins);
  app.addHook('onRequest', createGate(ctx));
  noteApiTokenUses(app, ctx.apiTokenUses);
  await describeApi(app, VERSION);

  mountApi(app as unknown as Api, ctx);
  await mountEarlierApis(app, ctx);
  await app.register((scope) => serveApiDescription(scope, headers));
  await app.register(webApp, { headers, version: VERSION });
  return app;
}

/** The API, module by module. */
function mountApi(api: Api, ctx: Context): void {
  serviceRoutes(api, ctx);
  setupRoutes(api, ctx);
  userRoutes(api, ctx);
  sessionRoutes(api, ctx);
  sessionListRoutes(api, ctx);
  providerRoutes(api, ctx);
  apiTokenRoutes(api, ctx);
  identityRoutes(api, ctx);
  accountMergeRoutes(api, ctx);
  taskRoutes(api, ctx);
  auditRoutes(api, ctx);
  accountRoutes(api, ctx);
  roleRoutes(api, ctx);
  jobRoutes(api, ctx);
  statisticsRoutes(api, ctx);
  mailboxRoutes(api, ctx);
}

/** The APIs of earlier servers, each in a scope of its own with its own shape of errors. */
async function mountEarlierApis(app: FastifyInstance, ctx: Context): Promise<void> {
  for (const routes of [todoRoutes, userTaskRoutes, flatTaskRoutes]) {
    await app.register(async (scope) => routes(scope as unknown as Api, ctx));
  }
}

/** The client's own id where it is a UUID, so that one request can be followed through several logs. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && isUuid(given) ? given : randomUUID();
}

async function allowOrigins(app: FastifyInstance, origins: string[]): Promise<void> {
  await app.register(fastifyCors, {
    origin: origins,
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'if-match',
      'if-none-match',
      'idempotency-key',
      'x-request-id',
    ],
    exposedHeaders: [
      'etag',
      'location',
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'idempotency-replayed',
      'x-request-id',
      'x-total-count',
    ],
    maxAge: 600,
  });
}
