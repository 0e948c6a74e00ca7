import type { FastifyReply } from 'fastify';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { findTokenSession } from '../../http/authenticate.ts';
import { anonymousOf } from '../../http/origin.ts';
import { RequestLimits } from '../../http/rate-limit.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { EmptyBody, refTo } from '../../http/schema.ts';
import { AccessGrant, Login, toAccessGrant } from './sessions.schema.ts';
import * as sessions from './sessions.service.ts';

/** Sign-in, refresh and sign-out. */
export function sessionRoutes(app: Api, ctx: Context): void {
  grantRoutes(app, ctx);
  logoutRoute(app, ctx);
}

function grantRoutes(app: Api, ctx: Context): void {
  const cookie = ctx.refreshCookie;
  const limits = new RequestLimits(ctx.config.rateLimits, ctx.rateBuckets);

  const answer = (reply: FastifyReply, signedIn: sessions.SignedIn) => {
    cookie.set(reply, signedIn.refreshToken, signedIn.refreshTokenSeconds);
    return toAccessGrant(signedIn);
  };

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
      await limits.countAccount(canonicalEmail(request.body.email), reply);
      return answer(reply, await sessions.login(ctx, anonymousOf(request), request.body));
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
    async (request, reply) => {
      cookie.requireSameOrigin(request);
      const token = cookie.read(request);
      if (token === null) throw new AppError('session.invalid');
      return answer(reply, await sessions.refresh(ctx, anonymousOf(request), token));
    },
  );
}

function logoutRoute(app: Api, ctx: Context): void {
  const cookie = ctx.refreshCookie;

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
      cookie.requireSameOrigin(request);
      const session = await findTokenSession(ctx, request);
      if (session) await sessions.logout(ctx, anonymousOf(request), session);
      const token = cookie.read(request);
      if (token !== null) await sessions.logoutByRefreshToken(ctx, anonymousOf(request), token);
      cookie.clear(reply);
      return reply.code(204).send();
    },
  );
}
