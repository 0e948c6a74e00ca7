import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import { etagOf, headersOf, IF_MATCH_HEADER, versionsOfIfMatch } from '../../http/etag.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { Accepted, EmptyBody, PageQuery, refTo, toPage } from '../../http/schema.ts';
import type { AccountPage } from './account-list.service.ts';
import * as lists from './account-list.service.ts';
import * as schema from './accounts.schema.ts';
import type { AccountRow } from './accounts.service.ts';
import * as accounts from './accounts.service.ts';
import { type AccountChange, changeAccount } from './change-account.service.ts';

const reading = { access: 'users:read' } as const;
const updating = { access: 'users:update' } as const;
const deleting = { access: 'users:delete' } as const;
const tags = ['Administration'];
const params = schema.AccountParams;
const REFUSALS = [401, 403, 404, 409, 429, 503] as const;

/** Other people's accounts, for those who administer them. */
export function accountRoutes(app: Api, ctx: Context): void {
  listRoutes(app, ctx);
  oneRoute(app, ctx);
  changeRoutes(app, ctx);
  deletionRoutes(app, ctx);
  actRoutes(app, ctx);
}

function sendAccount(reply: FastifyReply, account: AccountRow): FastifyReply {
  return reply.header('etag', etagOf(account.version)).send(schema.toAccountResponse(account));
}

function listRoutes(app: Api, ctx: Context): void {
  const response = { 200: schema.AccountPage, ...problems(400, 401, 403, 429, 503) };

  app.get(
    '/api/v1/admin/users',
    {
      config: reading,
      schema: {
        operationId: 'listAccounts',
        tags,
        summary: 'List users',
        querystring: schema.AccountQuery,
        response,
      },
    },
    async (request) =>
      toAccountPage(await lists.listAccounts(ctx, actorOf(request), request.query)),
  );

  app.get(
    '/api/v1/admin/users/deleted',
    {
      config: reading,
      schema: {
        operationId: 'listDeletedAccounts',
        tags,
        summary: 'List deleted users, the last to be made first',
        querystring: PageQuery,
        response,
      },
    },
    async (request) =>
      toAccountPage(await lists.listDeletedAccounts(ctx, actorOf(request), request.query)),
  );
}

function oneRoute(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/admin/users/:id',
    {
      config: reading,
      schema: {
        operationId: 'getAccount',
        tags,
        summary: 'Read a user, deleted or not',
        description: 'With numbers of tasks, never what is in them. The person sees who looked.',
        params,
        response: { 200: refTo(schema.Account), ...problems(401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) =>
      sendAccount(reply, await accounts.viewAccount(ctx, actorOf(request), idOf(request))),
  );
}

function changeRoutes(app: Api, ctx: Context): void {
  const response = { 200: refTo(schema.Account), ...problems(400, 412, ...REFUSALS) };
  const headers = headersOf(IF_MATCH_HEADER);
  const description =
    'Roles need `roles:assign` as well. A new address is unverified; both addresses hear of it.';
  // Replacing is changing every field: the schema asks for all of them.
  const change = async (
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    input: AccountChange,
  ) => {
    const versions = versionsOfIfMatch(request.headers['if-match']);
    return sendAccount(reply, await changeAccount(ctx, actorOf(request), id, input, versions));
  };

  app.put(
    '/api/v1/admin/users/:id',
    {
      config: updating,
      schema: {
        operationId: 'replaceAccount',
        tags,
        summary: 'Replace name, address, status and roles of a user',
        description,
        params,
        headers,
        body: schema.WholeAccount,
        response,
      },
    },
    (request, reply) => change(request, reply, idOf(request), request.body),
  );

  app.patch(
    '/api/v1/admin/users/:id',
    {
      config: updating,
      schema: {
        operationId: 'changeAccount',
        tags,
        summary: 'Change some of name, address, status and roles of a user',
        description,
        params,
        headers,
        body: schema.AccountChange,
        response,
      },
    },
    (request, reply) => change(request, reply, idOf(request), request.body),
  );
}

function deletionRoutes(app: Api, ctx: Context): void {
  app.delete(
    '/api/v1/admin/users/:id',
    {
      config: deleting,
      schema: {
        operationId: 'deleteAccount',
        tags,
        summary: 'Delete a user, who can be restored for 30 days',
        params,
        body: EmptyBody,
        response: { ...noContent, ...problems(400, ...REFUSALS) },
      },
    },
    async (request, reply) => {
      await accounts.deleteAccount(ctx, actorOf(request), idOf(request));
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/admin/users/:id/restore',
    {
      config: deleting,
      schema: {
        operationId: 'restoreAccount',
        tags,
        summary: 'Take the deletion of a user back',
        params,
        body: EmptyBody,
        response: { 200: refTo(schema.Account), ...problems(400, ...REFUSALS) },
      },
    },
    async (request) =>
      schema.toAccountResponse(await accounts.restoreAccount(ctx, actorOf(request), idOf(request))),
  );
}

function actRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/admin/users/:id/password-reset',
    {
      config: updating,
      schema: {
        operationId: 'mailPasswordReset',
        tags,
        summary: 'Mail a user a link by which they choose a new password',
        params,
        body: EmptyBody,
        response: { 202: Accepted, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      await accounts.mailPasswordReset(ctx, actorOf(request), idOf(request));
      return reply.code(202).send({ status: 'accepted' });
    },
  );

  app.delete(
    '/api/v1/admin/users/:id/sessions',
    {
      config: updating,
      schema: {
        operationId: 'endAccountSessions',
        tags,
        summary: 'End all sessions of a user',
        params,
        body: EmptyBody,
        response: { ...noContent, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      await accounts.endSessions(ctx, actorOf(request), idOf(request));
      return reply.code(204).send();
    },
  );
}

/** An id is the same in capitals, and written down in one way. */
function idOf(request: { params: { id: string } }): string {
  return request.params.id.toLowerCase();
}

function toAccountPage(page: AccountPage) {
  return { ...toPage(page, schema.toListedAccount), total: page.total };
}
