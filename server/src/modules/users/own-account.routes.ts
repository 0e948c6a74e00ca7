import type { Context } from '../../context.ts';
import { actorOf, sessionActorOf } from '../../http/authenticate.ts';
import {
  etagOf,
  headersOf,
  IF_MATCH_HEADER,
  IF_NONE_MATCH_HEADER,
  isNotModified,
  versionsOfIfMatch,
} from '../../http/etag.ts';
import { countOwnPassword } from '../../http/own-password.ts';
import { noContent, notModified, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import {
  AccountPart,
  Deleted,
  OwnPassword,
  OwnUser,
  PasswordChange,
  toOwnUserResponse,
  WholeAccount,
} from './account.schema.ts';
import { deleteOwnAccount } from './deletion.service.ts';
import { changeOwnAccount, getOwnAccount } from './own-account.service.ts';
import { changePassword } from './password.service.ts';

/** One's own account. */
export function ownAccountRoutes(app: Api, ctx: Context): void {
  profileRoutes(app, ctx);
  passwordRoute(app, ctx);
  deletionRoute(app, ctx);
}

function profileRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/users/me',
    {
      config: { access: 'account:read' },
      schema: {
        operationId: 'getOwnUser',
        tags: ['Account'],
        summary: "Read one's own account",
        headers: headersOf(IF_NONE_MATCH_HEADER),
        response: { 200: refTo(OwnUser), ...notModified, ...problems(401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const account = await getOwnAccount(ctx, actorOf(request));
      reply.header('etag', etagOf(account.version));
      if (isNotModified(request.headers['if-none-match'], account.version)) {
        return reply.code(304).send();
      }
      return reply.send(toOwnUserResponse(account));
    },
  );

  for (const [method, operationId, summary, body] of [
    ['PUT', 'replaceOwnUser', "Replace what one decides about one's own account", WholeAccount],
    ['PATCH', 'changeOwnUser', "Change parts of one's own account", AccountPart],
  ] as const) {
    app.route({
      method,
      url: '/api/v1/users/me',
      config: { access: 'session' },
      schema: {
        operationId,
        tags: ['Account'],
        summary,
        description:
          'Another e-mail address takes effect when the link mailed to it has been used, and needs a fresh sign-in or the password. The present address takes such a change back.',
        headers: headersOf(IF_MATCH_HEADER),
        body,
        response: { 200: refTo(OwnUser), ...problems(400, 401, 403, 409, 412, 429, 503) },
      },
      async handler(request, reply) {
        await countOwnPassword(ctx, request, reply, request.body.password);
        const versions = versionsOfIfMatch(request.headers['if-match']);
        const actor = sessionActorOf(request);
        const account = await changeOwnAccount(ctx, actor, request.body, versions);
        return reply.header('etag', etagOf(account.version)).send(toOwnUserResponse(account));
      },
    });
  }
}

function passwordRoute(app: Api, ctx: Context): void {
  app.put(
    '/api/v1/users/me/password',
    {
      config: { access: 'session' },
      schema: {
        operationId: 'changePassword',
        tags: ['Account'],
        summary: "Change one's own password",
        description: 'Other sessions end; this one goes on after a refresh.',
        body: PasswordChange,
        response: { ...noContent, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { current_password: currentPassword, new_password: newPassword } = request.body;
      await countOwnPassword(ctx, request, reply, currentPassword);
      await changePassword(ctx, sessionActorOf(request), { currentPassword, newPassword });
      return reply.code(204).send();
    },
  );
}

function deletionRoute(app: Api, ctx: Context): void {
  app.delete(
    '/api/v1/users/me',
    {
      config: { access: 'session' },
      schema: {
        operationId: 'deleteOwnUser',
        tags: ['Account'],
        summary: "Delete one's own account",
        description:
          'Needs a fresh sign-in or the password. It can be restored for 30 days by an administrator, then everything of it goes.',
        body: OwnPassword,
        response: { 200: Deleted, ...problems(400, 401, 403, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const password = request.body?.password;
      await countOwnPassword(ctx, request, reply, password);
      const { restorableUntil } = await deleteOwnAccount(ctx, sessionActorOf(request), password);
      return {
        message: 'The account is deleted. An administrator can restore it until then.',
        restorable_until: restorableUntil.toISOString(),
      };
    },
  );
}
