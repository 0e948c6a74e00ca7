import type { FastifyRequest } from 'fastify';
import type { AccessClaims } from '../auth/access-token.ts';
import type { SessionActor, UserActor } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { RequestOrigin } from './origin.ts';

const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * The user behind a request's bearer token, with session and account checked; at once where both
 * are known, which is the common case and costs no turn of the event loop.
 * @param isCertain the database is asked, whatever is remembered
 * @throws token.missing, token.invalid, token.expired, token.stale, session.invalid, database.unavailable
 */
export function authenticate(
  ctx: Context,
  request: FastifyRequest,
  isCertain: boolean,
): UserActor | Promise<UserActor> {
  const header = request.headers.authorization;
  if (header === undefined) throw new AppError('token.missing');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new AppError('token.invalid');
  const claims = ctx.accessTokens.verify(token);
  return claims instanceof Promise
    ? claims.then((verified) => checkState(ctx, request, verified, isCertain))
    : checkState(ctx, request, claims, isCertain);
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

function actorFrom(request: FastifyRequest, claims: AccessClaims): SessionActor {
  return {
    kind: 'user',
    userId: claims.userId,
    sessionId: claims.sessionId,
    authenticatedAtSeconds: claims.authenticatedAtSeconds,
    permissions: claims.permissions,
    origin: new RequestOrigin(request),
  };
}
