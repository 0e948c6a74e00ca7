import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import type { ErrorCode } from '../../errors.ts';
import { sessionActorOf } from '../../http/authenticate.ts';
import { FlowCookie } from '../../http/flow-cookie.ts';
import { leadOn, refuseBrowsersWith } from '../../http/lead-on.ts';
import { countOwnPassword } from '../../http/own-password.ts';
import { problems } from '../../http/responses.ts';
import { returnPathOf } from '../../http/return-path.ts';
import type { Api } from '../../http/route.ts';
import { OwnPassword } from '../users/account.schema.ts';
import { requireFresh } from '../users/fresh-sign-in.service.ts';
import { callbackRoute } from './provider-callback.routes.ts';
import { beginFlow, FLOW_SECONDS, requireProvider } from './provider-flows.service.ts';
import { SETTINGS_PAGE, signInProblemPage } from './provider-pages.ts';
import { LinkAnswer, ProviderList, ProviderParams, SignInQuery } from './providers.schema.ts';

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
      errorHandler: refuseBrowsersWith(signInProblemPage),
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
        // Its own address may name another host, in its first line.
        const { search } = new URL(request.url, ctx.publicUrl);
        const path = `/api/v1/auth/${encodeURIComponent(provider)}`;
        const url = new URL(path + search, ctx.publicUrl);
        url.searchParams.set('at_public_url', 'true');
        return reply.redirect(url.href, 302);
      }
      const problemPage = (code: ErrorCode) => signInProblemPage(provider, code);
      return leadOn(reply, ctx.log, problemPage, async () => {
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
        body: OwnPassword,
        response: { 200: LinkAnswer, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const actor = sessionActorOf(request);
      const provider = requireProvider(ctx, request.params.provider);
      const password = request.body?.password;
      await countOwnPassword(ctx, request, reply, password);
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
