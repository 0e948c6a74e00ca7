import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { AnonymousActor, SessionActor } from '../../auth/actor.ts';
import type { ProviderName } from '../../config/providers.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { sessionActorOf } from '../../http/authenticate.ts';
import { refusalOf } from '../../http/error-handler.ts';
import { FlowCookie } from '../../http/flow-cookie.ts';
import { onwardPage } from '../../http/onward-page.ts';
import { anonymousOf } from '../../http/origin.ts';
import { RequestLimits } from '../../http/rate-limit.ts';
import { problems } from '../../http/responses.ts';
import { returnPathOf } from '../../http/return-path.ts';
import type { Api } from '../../http/route.ts';
import { linkIdentity } from '../identities/link-identity.service.ts';
import { signInByIdentity } from '../identities/sign-in-by-identity.service.ts';
import { findSessionByRefreshToken } from '../sessions/sessions.service.ts';
import { requireFresh } from '../users/fresh-sign-in.service.ts';
import { ownCanonicalEmail } from '../users/own-account.service.ts';
import {
  beginFlow,
  type Callback,
  FLOW_SECONDS,
  type Flow,
  finishFlow,
  lookAtFlow,
} from './provider-flows.service.ts';
import {
  LinkAnswer,
  LinkRequest,
  ProviderList,
  ProviderParams,
  SignInQuery,
} from './providers.schema.ts';

const SIGN_IN_PROBLEM_PAGE = '/login/problem';
const SETTINGS_PAGE = '/settings/security';
/** Set by ourselves, once, when a browser comes from another site and keeps the session cookie back. */
const ONWARD = 'onward';
const tags = ['Sign-in providers'];
const toPage = { 302: Type.Null({ description: 'To where the browser goes on.' }) };

/** Sign-in by somebody else's word, and connecting such an identity to one's account. */
export function providerRoutes(app: Api, ctx: Context): void {
  const cookie = new FlowCookie(ctx.publicUrl, FLOW_SECONDS);
  listRoute(app, ctx);
  beginRoute(app, ctx, cookie);
  linkRoute(app, ctx, cookie);
  callbackRoute(app, ctx, cookie);
}

function listRoute(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/auth/providers',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listProviders',
        tags,
        summary: 'List with whom one can sign in here',
        response: { 200: ProviderList, ...problems(429, 503) },
      },
    },
    async () => ({ items: await ctx.providers.list() }),
  );
}

function beginRoute(app: Api, ctx: Context, cookie: FlowCookie): void {
  app.get(
    '/api/v1/auth/:provider',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'signInWithProvider',
        tags,
        summary: 'Sign in with a provider',
        description:
          'For browsers: leads to the provider, which leads back to the callback. Whatever comes of it, the browser ends at a page of the web application.',
        params: ProviderParams,
        querystring: SignInQuery,
        response: { ...toPage, ...problems(400, 429, 503) },
      },
    },
    async (request, reply) => {
      const { provider } = request.params;
      const { return_to, remember = false, fresh = false, at_public_url } = request.query;
      // The provider leads back to the public address, and only there the browser has the cookie then.
      if (!at_public_url && request.host !== new URL(ctx.publicUrl).host) {
        const url = new URL(request.url, ctx.publicUrl);
        url.searchParams.set('at_public_url', 'true');
        return reply.redirect(url.href, 302);
      }
      return leadOn(reply, ctx, { provider, page: SIGN_IN_PROBLEM_PAGE }, async () => {
        const url = await beginFlow(
          ctx,
          requireProvider(ctx, provider),
          cookie.ensure(request, reply),
          {
            linking: null,
            isRemembered: remember,
            returnTo: returnPathOf(return_to),
            isFresh: fresh,
          },
        );
        return url.href;
      });
    },
  );
}

function linkRoute(app: Api, ctx: Context, cookie: FlowCookie): void {
  const limits = new RequestLimits(ctx.config.rateLimits, ctx.rateBuckets);

  app.post(
    '/api/v1/users/me/providers/:provider/link',
    {
      config: { access: 'session' },
      schema: {
        operationId: 'linkProvider',
        tags: ['Account'],
        summary: "Connect a sign-in provider to one's own account",
        description:
          'Needs a fresh sign-in or the password. The browser goes on at `authorization_url`; what comes of it is told at the settings page of the web application.',
        params: ProviderParams,
        body: LinkRequest,
        response: { 200: LinkAnswer, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const actor = sessionActorOf(request);
      const provider = requireProvider(ctx, request.params.provider);
      const password = request.body?.password;
      if (password !== undefined) {
        await limits.countAccount(await ownCanonicalEmail(ctx, actor), reply);
      }
      await requireFresh(ctx, actor, password);
      const url = await beginFlow(ctx, provider, cookie.ensure(request, reply), {
        linking: actor,
        isRemembered: false,
        returnTo: SETTINGS_PAGE,
        isFresh: false,
      });
      return { authorization_url: url.href };
    },
  );
}

function callbackRoute(app: Api, ctx: Context, cookie: FlowCookie): void {
  app.get(
    '/api/v1/auth/:provider/callback',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'finishSignInWithProvider',
        tags,
        summary: 'Where a provider leads back to',
        description:
          'For browsers: signs in or connects, and leads to a page of the web application, also where that was refused.',
        params: ProviderParams,
        response: {
          ...toPage,
          200: Type.String({ description: 'A page that leads back here, from this site.' }),
          ...problems(429, 503),
        },
      },
    },
    async (request, reply) => {
      const { provider } = request.params;
      const page = { provider, page: SIGN_IN_PROBLEM_PAGE };
      return leadOn(reply, ctx, page, async () => {
        const url = new URL(request.url, ctx.publicUrl);
        const isOnward = url.searchParams.has(ONWARD);
        url.searchParams.delete(ONWARD);
        const callback = {
          provider: requireProvider(ctx, provider),
          browserSecret: cookie.read(request),
          url,
        };
        const flow = await lookAtFlow(ctx, callback);
        if (flow.kind === 'sign-in') return finishSignIn(ctx, request, reply, { callback, flow });
        page.page = SETTINGS_PAGE;
        if (ctx.refreshCookie.read(request) === null && !isOnward) {
          url.searchParams.set(ONWARD, 'true');
          return onwardPage(reply, url.pathname + url.search);
        }
        return finishLink(ctx, request, { callback, flow });
      });
    },
  );
}

interface Finishing<Kind extends Flow['kind']> {
  callback: Callback;
  flow: Extract<Flow, { kind: Kind }>;
}

async function finishSignIn(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { callback, flow: { isRemembered, returnTo } }: Finishing<'sign-in'>,
): Promise<string> {
  const identity = await finishFlow(ctx, callback);
  const signedIn = await signInByIdentity(ctx, anonymousOf(request), identity, { isRemembered });
  ctx.refreshCookie.set(reply, signedIn.refreshToken, signedIn.refreshTokenSeconds);
  return returnTo;
}

/** Only in the session that asked for it: another person may sit at this browser by now. */
async function finishLink(
  ctx: Context,
  request: FastifyRequest,
  { callback, flow }: Finishing<'link'>,
): Promise<string> {
  const { provider } = callback;
  const actor = await linkingActor(ctx, request, flow);
  const linking = await linkIdentity(ctx, actor, await finishFlow(ctx, callback));
  switch (linking.kind) {
    case 'linked':
      return `${flow.returnTo}?linked=${provider}`;
    case 'already_linked':
      return `${flow.returnTo}?linked=${provider}&already=true`;
    case 'taken':
      return problemPage(flow.returnTo, 'provider.identity_taken', provider);
  }
}

async function linkingActor(
  ctx: Context,
  request: FastifyRequest,
  { userId, sessionId }: Finishing<'link'>['flow'],
): Promise<SessionActor> {
  const token = ctx.refreshCookie.read(request);
  if (token === null) throw new AppError('session.invalid');
  const session = await findSessionByRefreshToken(ctx, token);
  if (session.userId !== userId || session.sessionId !== sessionId) {
    throw new AppError('provider.flow_invalid');
  }
  const { origin }: AnonymousActor = anonymousOf(request);
  return { kind: 'user', ...session, origin };
}

function requireProvider(ctx: Context, name: string): ProviderName {
  if (!ctx.providers.has(name)) throw new AppError('provider.not_found');
  return name;
}

/** Leads the browser to where `go` says; a refusal leads to a page that explains it. */
async function leadOn(
  reply: FastifyReply,
  ctx: Context,
  problem: { provider: string; page: string },
  go: () => Promise<string | FastifyReply>,
): Promise<FastifyReply> {
  // Nobody who sees where the browser goes next is to see the code and the state in its address.
  reply.header('referrer-policy', 'no-referrer');
  try {
    const onward = await go();
    return typeof onward === 'string' ? reply.redirect(onward, 302) : onward;
  } catch (error) {
    const refusal = error instanceof Error ? refusalOf(error as never) : null;
    if (!refusal) throw error;
    if (refusal.kind === 'unavailable')
      ctx.log.warn({ err: error }, 'a sign-in by provider failed');
    return reply.redirect(problemPage(problem.page, refusal.code, problem.provider), 302);
  }
}

function problemPage(page: string, code: string, provider: string): string {
  const name = page === SETTINGS_PAGE ? 'problem' : 'code';
  return `${page}?${new URLSearchParams({ [name]: code, provider })}`;
}
