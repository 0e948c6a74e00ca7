import type { FastifyReply, FastifyRequest } from 'fastify';
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
import { RequestLimits } from '../../http/rate-limit.ts';
import { noContent, notModified, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import {
  AccountDeletion,
  AccountPart,
  Deleted,
  OwnUser,
  PasswordChange,
  toOwnUserResponse,
  WholeAccount,
} from './account.schema.ts';
import { deleteOwnAccount } from './deletion.service.ts';
import { changeOwnAccount, getOwnAccount, ownCanonicalEmail } from './own-account.service.ts';
import { changePassword } from './password.service.ts';

/** Counts an attempt at the password of one's own account, as a sign-in would be. */
type CountAttempt = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** One's own account. */
export function ownAccountRoutes(app: Api, ctx: Context): void {
  const limits = new RequestLimits(ctx.config.rateLimits, ctx.rateBuckets);
  const countAttempt: CountAttempt = async (request, reply) =>
    limits.countAccount(await ownCanonicalEmail(ctx, actorOf(request)), reply);
  profileRoutes(app, ctx, countAttempt);
  passwordRoute(app, ctx, countAttempt);
  deletionRoute(app, ctx, countAttempt);
}

function profileRoutes(app: Api, ctx: Context, countAttempt: CountAttempt): void {
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
        if (request.body.password !== undefined) await countAttempt(request, reply);
        const versions = versionsOfIfMatch(request.headers['if-match']);
        const actor = sessionActorOf(request);
        const account = await changeOwnAccount(ctx, actor, request.body, versions);
        return reply.header('etag', etagOf(account.version)).send(toOwnUserResponse(account));
      },
    });
  }
}

function passwordRoute(app: Api, ctx: Context, countAttempt: CountAttempt): void {
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
      await countAttempt(request, reply);
      const { current_password: currentPassword, new_password: newPassword } = request.body;
      await changePassword(ctx, sessionActorOf(request), { currentPassword, newPassword });
      return reply.code(204).send();
    },
  );
}

function deletionRoute(app: Api, ctx: Context, countAttempt: CountAttempt): void {
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
        body: AccountDeletion,
        response: { 200: Deleted, ...problems(400, 401, 403, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const password = request.body?.password;
      if (password !== undefined) await countAttempt(request, reply);
      const { restorableUntil } = await deleteOwnAccount(ctx, sessionActorOf(request), password);
      return {
        message: 'The account is deleted. An administrator can restore it until then.',
        restorable_until: restorableUntil.toISOString(),
      };
    },
  );
}
