import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { sessionActorOf } from '../../http/authenticate.ts';
import { countOwnPassword } from '../../http/own-password.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { OwnPassword } from '../users/account.schema.ts';
import * as schema from './account-merges.schema.ts';
import * as merges from './account-merges.service.ts';
import { offerMergeByPassword, viewOffer } from './merge-offers.service.ts';

const config = { access: 'session' } as const;
const tags = ['Account'];

/** Merging another account of one's own into the one that one is signed in to. */
export function accountMergeRoutes(app: Api, ctx: Context): void {
  offerRoutes(app, ctx);
  mergeRoutes(app, ctx);
}

function offerRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/users/me/merges/offers',
    {
      config,
      schema: {
        operationId: 'offerMerge',
        tags,
        summary: 'Show that another account is yours too',
        description:
          'Changes nothing. The token is good for ten minutes, once, in this session. Counts as an attempt to sign in to the other account.',
        body: schema.Proof,
        response: { 201: schema.MadeMergeOffer, ...problems(400, 401, 403, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      // Whoever is signed in guesses passwords no faster than anybody else.
      await ctx.requestLimits.countAddress('sign-in', request, reply);
      await ctx.requestLimits.countAccount(canonicalEmail(request.body.email), reply);
      const actor = sessionActorOf(request);
      const { token, offer } = await offerMergeByPassword(ctx, actor, request.body);
      return reply.code(201).send({ ...schema.toMergeOffer(offer), token });
    },
  );

  app.post(
    '/api/v1/users/me/merges/offers/view',
    {
      config,
      schema: {
        operationId: 'viewMergeOffer',
        tags,
        summary: 'Read which account an offer is about',
        body: schema.OfferName,
        response: { 200: refTo(schema.MergeOffer), ...problems(400, 401, 403, 410, 429, 503) },
      },
    },
    async (request) =>
      schema.toMergeOffer(await viewOffer(ctx, sessionActorOf(request), request.body.token)),
  );
}

function mergeRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/users/me/merges',
    {
      config,
      schema: {
        operationId: 'listMerges',
        tags,
        summary: 'List the merges that can be undone, the latest first',
        response: { 200: schema.AccountMergeList, ...problems(401, 403, 429, 503) },
      },
    },
    async (request) => {
      const items = await merges.listMerges(ctx, sessionActorOf(request));
      return { items: items.map(schema.toAccountMerge) };
    },
  );

  app.post(
    '/api/v1/users/me/merges',
    {
      config,
      schema: {
        operationId: 'mergeAccounts',
        tags,
        summary: 'Merge another account into this one',
        description:
          'Needs a fresh sign-in or the password. Tasks and connected accounts come over, roles do not; the other account is deleted. Can be undone for 30 days.',
        body: schema.NewMerge,
        response: {
          201: refTo(schema.AccountMerge),
          ...problems(400, 401, 403, 409, 410, 429, 503),
        },
      },
    },
    async (request, reply) => {
      await countOwnPassword(ctx, request, reply, request.body.password);
      const merge = await merges.mergeAccounts(ctx, sessionActorOf(request), request.body);
      return reply.code(201).send(schema.toAccountMerge(merge));
    },
  );

  app.post(
    '/api/v1/users/me/merges/:id/undo',
    {
      config,
      schema: {
        operationId: 'undoMerge',
        tags,
        summary: 'Undo a merge',
        description:
          'Needs a fresh sign-in or the password. What came returns as it is now, and the other account is there again.',
        params: schema.MergeParams,
        body: OwnPassword,
        response: { ...noContent, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const password = request.body?.password;
      await countOwnPassword(ctx, request, reply, password);
      await merges.undoMerge(ctx, sessionActorOf(request), request.params.id, password);
      return reply.code(204).send();
    },
  );
}
