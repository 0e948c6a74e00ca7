import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessClaims } from '../auth/access-token.ts';
import type { ApiTokenActor, ForeignActor, SessionActor, UserActor } from '../auth/actor.ts';
import { claimsToBeApiToken } from '../auth/api-token.ts';
import { claimsToBeOurs, type ForeignClaims } from '../auth/foreign-token.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import type { LiveApiToken } from '../modules/api-tokens/api-token-states.ts';
import type { ApiTokenUses } from '../modules/api-tokens/api-token-uses.ts';
import { provisionForeignUser } from '../modules/foreign-users/foreign-users.service.ts';
import { findSessionByRefreshToken } from '../modules/sessions/sessions.service.ts';
import { RequestOrigin } from './origin.ts';
import type { Credential } from './route.ts';

const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * The user behind a request's bearer token, in person or by a program, with session or API token and
 * account checked; at once where both are known, which is the common case and costs no turn of the
 * event loop. A route may take tokens of another front end as well, and the refresh cookie of
 * requests without a token.
 * @param isCertain the database is asked, whatever is remembered
 * @param credentials what the route takes besides tokens of our own
 * @throws token.missing, token.invalid, token.expired, token.stale, session.invalid, origin.refused,
 * database.unavailable, foreign_keys.unavailable
 */
export function authenticate(
  ctx: Context,
  request: FastifyRequest,
  isCertain: boolean,
  credentials: readonly Credential[] = [],
): UserActor | Promise<UserActor> {
  const header = request.headers.authorization;
  if (header === undefined) {
    if (credentials.includes('session-cookie')) return authenticateByCookie(ctx, request);
    throw new AppError('token.missing');
  }
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new AppError('token.invalid');
  if (claimsToBeApiToken(token)) return authenticateProgram(ctx, request, token, isCertain);
  if (ctx.foreignTokens && credentials.includes('foreign')) {
    if (!claimsToBeOurs(token, ctx.publicUrl)) {
      return authenticateForeigner(ctx, request, ctx.foreignTokens.verify(token), isCertain);
    }
  }
  const claims = ctx.accessTokens.verify(token);
  return claims instanceof Promise
    ? claims.then((verified) => checkState(ctx, request, verified, isCertain))
    : checkState(ctx, request, claims, isCertain);
}

function authenticateProgram(
  ctx: Context,
  request: FastifyRequest,
  token: string,
  isCertain: boolean,
): ApiTokenActor | Promise<ApiTokenActor> {
  const found = ctx.apiTokenStates.find(token, isCertain);
  return found instanceof Promise
    ? found.then((apiToken) => programFrom(request, apiToken))
    : programFrom(request, found);
}

/** The token is only looked at: exchanging it is for the page, and would leave the client with an old one. */
async function authenticateByCookie(ctx: Context, request: FastifyRequest): Promise<SessionActor> {
  const token = ctx.refreshCookie.read(request);
  if (token === null) throw new AppError('token.missing');
  ctx.refreshCookie.requireSameOrigin(request);
  return actorFrom(request, await findSessionByRefreshToken(ctx, token));
}

async function authenticateForeigner(
  ctx: Context,
  request: FastifyRequest,
  verifying: ForeignClaims | Promise<ForeignClaims>,
  isCertain: boolean,
): Promise<ForeignActor> {
  const claims = await verifying;
  const origin = new RequestOrigin(request);
  const user =
    (await ctx.foreignUserStates.find(claims, isCertain)) ??
    (await provisionForeignUser(ctx, claims, origin));
  const { userId, permissions } = user;
  return { kind: 'foreign', userId, subject: claims.subject, permissions, origin };
}

/** The session that a request's token was issued for, whatever has become of it; null without a genuine token. */
export async function findTokenSession(
  ctx: Context,
  request: FastifyRequest,
): Promise<Pick<AccessClaims, 'userId' | 'sessionId'> | null> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return null;
  try {
    return await ctx.accessTokens.verify(token);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unauthenticated') return null;
    throw error;
  }
}

/** Notes the use of API tokens, once their requests are answered. */
export function noteApiTokenUses(app: FastifyInstance, uses: ApiTokenUses): void {
  app.addHook('onResponse', ({ actor }, _reply, done) => {
    if (actor?.kind === 'api_token') uses.note({ userId: actor.userId, id: actor.apiTokenId });
    done();
  });
}

/** Whoever calls a route that is not public. */
export function actorOf(request: FastifyRequest): UserActor {
  if (!request.actor) throw new Error('the route is public');
  return request.actor;
}

/** Whoever calls a route with `access: 'session'`. */
export function sessionActorOf(request: FastifyRequest): SessionActor {
  const actor = actorOf(request);
  if (actor.kind !== 'user') throw new Error('the route does not declare access: session');
  return actor;
}

function checkState(
  ctx: Context,
  request: FastifyRequest,
  claims: AccessClaims,
  isCertain: boolean,
): UserActor | Promise<UserActor> {
  const pending = ctx.sessionStates.check(claims, isCertain);
  return pending ? pending.then(() => actorFrom(request, claims)) : actorFrom(request, claims);
}

function actorFrom(
  request: FastifyRequest,
  claims: Omit<AccessClaims, 'authVersion' | 'expiresAtSeconds'>,
): SessionActor {
  return {
    kind: 'user',
    userId: claims.userId,
    sessionId: claims.sessionId,
    authenticatedAtSeconds: claims.authenticatedAtSeconds,
    permissions: claims.permissions,
    origin: new RequestOrigin(request),
  };
}

function programFrom(request: FastifyRequest, apiToken: LiveApiToken): ApiTokenActor {
  return {
    kind: 'api_token',
    userId: apiToken.userId,
    apiTokenId: apiToken.id,
    permissions: apiToken.permissions,
    origin: new RequestOrigin(request),
  };
}
