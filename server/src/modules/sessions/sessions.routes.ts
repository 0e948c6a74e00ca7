import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { keepSignedIn, refreshByCookie, signOut } from '../../http/cookie-session.ts';
import { anonymousOf } from '../../http/origin.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { EmptyBody, refTo } from '../../http/schema.ts';
import { AccessGrant, Login, toAccessGrant } from './sessions.schema.ts';
import { login } from './sessions.service.ts';

/** Sign-in, refresh and sign-out. */
export function sessionRoutes(app: Api, ctx: Context): void {
  grantRoutes(app, ctx);
  logoutRoute(app, ctx);
}

function grantRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/login',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'login',
        tags: ['Sessions'],
        summary: 'Sign in with a password',
        description: 'The refresh token comes in an HttpOnly cookie, never in the body.',
        body: Login,
        response: { 200: refTo(AccessGrant), ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      await ctx.requestLimits.countAccount(canonicalEmail(request.body.email), reply);
      const signedIn = await login(ctx, anonymousOf(request), request.body);
      keepSignedIn(ctx, reply, signedIn);
      return toAccessGrant(signedIn);
    },
  );

  app.post(
    '/api/v1/refresh',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'refresh',
        tags: ['Sessions'],
        summary: 'Exchange the refresh cookie for a new access token',
        security: [{ refreshCookie: [] }],
        body: EmptyBody,
        response: { 200: refTo(AccessGrant), ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => toAccessGrant(await refreshByCookie(ctx, request, reply)),
  );
}

function logoutRoute(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/logout',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'logout',
        tags: ['Sessions'],
        summary: 'End the session of the access token or of the refresh cookie',
        security: [{ refreshCookie: [] }, { bearer: [] }, {}],
        body: EmptyBody,
        response: { ...noContent, ...problems(400, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      await signOut(ctx, request, reply);
      return reply.code(204).send();
    },
  );
}
