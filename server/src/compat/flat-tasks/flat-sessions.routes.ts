import { Type } from 'typebox';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { keepSignedIn, refreshByCookie, signOut } from '../../http/cookie-session.ts';
import { isFormMediaType, readFormBodies } from '../../http/form-body.ts';
import { anonymousOf } from '../../http/origin.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { registerWithSession } from '../../modules/sessions/registration-session.service.ts';
import { login } from '../../modules/sessions/sessions.service.ts';
import { registerUniformly } from '../../modules/users/registration.service.ts';
import { toUserResponse } from '../../modules/users/users.schema.ts';
import { HttpError, refusals } from '../fastapi-errors.ts';
import { readBody } from '../fastapi-input.ts';
import * as schema from './flat-sessions.schema.ts';

const tags = ['Compatibility: tasks'];
const signingIn = { access: 'public', rateLimit: 'sign-in' } as const;

/** `/api/auth/…`: the sign-in of v1 in the shapes of the earlier servers. */
export function flatSessionRoutes(scope: Api, ctx: Context): void {
  readFormBodies(scope);
  registerRoute(scope, ctx);
  loginRoute(scope, ctx);
  refreshRoute(scope, ctx);
  logoutRoute(scope, ctx);
}

function registerRoute(scope: Api, ctx: Context): void {
  scope.post(
    '/api/auth/register',
    {
      config: signingIn,
      schema: {
        operationId: 'registerFlat',
        tags,
        summary: 'Make an account and sign in',
        body: schema.FlatRegistration,
        response: {
          201: refTo(schema.FlatRegistered),
          202: refTo(HttpError),
          ...refusals(403, 409, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const actor = anonymousOf(request);
      const { email, password } = request.body;
      const input = { email, password, name: request.body.name || null };
      if (ctx.config.registration === 'uniform') {
        await registerUniformly(ctx, actor, input);
        return reply.code(202).send({ detail: 'Check your e-mail to go on' });
      }
      const { user, signedIn } = await registerWithSession(ctx, actor, input);
      if (signedIn) keepSignedIn(ctx, reply, signedIn);
      return reply.code(201).send({
        ...toUserResponse(user),
        access_token: signedIn?.accessToken ?? null,
        token_type: 'bearer' as const,
      });
    },
  );
}

function loginRoute(scope: Api, ctx: Context): void {
  const form = { schema: schema.FormLogin };

  scope.post(
    '/api/auth/login',
    {
      config: { ...signingIn, takesForms: true },
      schema: {
        operationId: 'loginFlat',
        tags,
        summary: 'Sign in with a password, sent as JSON or as a form',
        body: {
          content: {
            'application/json': { schema: schema.JsonLogin },
            'application/x-www-form-urlencoded': form,
            'multipart/form-data': form,
          },
        },
        response: { 200: refTo(schema.FlatAccessGrant), ...refusals(401, 403, 422, 429, 503) },
      },
      // Which shape counts depends on the media type, which may also be missing.
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const isForm = isFormMediaType(request.headers['content-type'] ?? '');
      // Any page may make a browser send a form; whom to sign in there is not for it to say.
      if (isForm) ctx.refreshCookie.requireSameOrigin(request);
      const credentials = readCredentials(request.body, isForm);
      await ctx.requestLimits.countAccount(canonicalEmail(credentials.email), reply);
      const signedIn = await login(ctx, anonymousOf(request), credentials);
      keepSignedIn(ctx, reply, signedIn);
      return schema.toFlatAccessGrant(signedIn);
    },
  );
}

function refreshRoute(scope: Api, ctx: Context): void {
  scope.post(
    '/api/auth/refresh',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'refreshFlat',
        tags,
        summary: 'Exchange the refresh cookie for a new access token',
        security: [{ refreshCookie: [] }],
        body: schema.NoBody,
        response: { 200: refTo(schema.FlatAccessGrant), ...refusals(401, 403, 422, 429, 503) },
      },
    },
    async (request, reply) =>
      schema.toFlatAccessGrant(await refreshByCookie(ctx, request, reply, 'token.missing')),
  );
}

function logoutRoute(scope: Api, ctx: Context): void {
  scope.post(
    '/api/auth/logout',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'logoutFlat',
        tags,
        summary: 'End the session of the access token or of the refresh cookie',
        security: [{ refreshCookie: [] }, { bearer: [] }, {}],
        body: schema.NoBody,
        response: {
          200: Type.Object({ detail: Type.Literal('Logged out') }),
          ...refusals(403, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      await signOut(ctx, request, reply);
      return { detail: 'Logged out' as const };
    },
  );
}

/** @throws ValidationFailed */
function readCredentials(body: unknown, isForm: boolean): { email: string; password: string } {
  if (!isForm) return readBody(schema.JsonLogin, body) as { email: string; password: string };
  const form = readBody(schema.FormLogin, body) as { username: string; password: string };
  return { email: form.username, password: form.password };
}
