import type { FastifyRequest } from 'fastify';
import type { AccessClaims } from '../auth/access-token.ts';
import type { UserActor } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';

const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * The user behind a request's bearer token, with session and account checked; at once where both
 * are known, which is the common case and costs no turn of the event loop.
 * @throws token.missing, token.invalid, token.expired, token.stale, session.invalid, database.unavailable
 */
export function authenticate(
  ctx: Context,
  request: FastifyRequest,
): UserActor | Promise<UserActor> {
  const header = request.headers.authorization;
  if (header === undefined) throw new AppError('token.missing');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new AppError('token.invalid');
  const claims = ctx.accessTokens.verify(token);
  return claims instanceof Promise
    ? claims.then((verified) => checkState(ctx, verified))
    : checkState(ctx, claims);
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

/** The actor of a route with `access: 'user'`. */
export function actorOf(request: FastifyRequest): UserActor {
  if (!request.actor) throw new Error('the route does not declare access: user');
  return request.actor;
}

function checkState(ctx: Context, claims: AccessClaims): UserActor | Promise<UserActor> {
  const pending = ctx.sessionStates.check(claims);
  return pending ? pending.then(() => actorFrom(claims)) : actorFrom(claims);
}

function actorFrom(claims: AccessClaims): UserActor {
  return {
    kind: 'user',
    userId: claims.userId,
    sessionId: claims.sessionId,
    authenticatedAtSeconds: claims.authenticatedAtSeconds,
  };
}
