import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import * as sessions from '../modules/sessions/sessions.service.ts';
import { findTokenSession } from './authenticate.ts';
import { anonymousOf } from './origin.ts';

/** Hands over the refresh token of somebody who has signed in. */
export function keepSignedIn(ctx: Context, reply: FastifyReply, signedIn: sessions.SignedIn): void {
  ctx.refreshCookie.set(reply, signedIn.refreshToken, signedIn.refreshTokenSeconds);
}

/**
 * Exchanges the refresh cookie of a request.
 * @param missing what is thrown where there is none
 * @throws origin.refused, session.invalid, rate.limited
 */
export async function refreshByCookie(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  missing: ErrorCode = 'session.invalid',
): Promise<sessions.SignedIn> {
  ctx.refreshCookie.requireSameOrigin(request);
  const token = ctx.refreshCookie.read(request);
  if (token === null) throw new AppError(missing);
  const signedIn = await sessions.refresh(ctx, anonymousOf(request), token);
  keepSignedIn(ctx, reply, signedIn);
  return signedIn;
}

/**
 * Ends the session of a request's access token and that of its refresh cookie.
 * @throws origin.refused
 */
export async function signOut(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  ctx.refreshCookie.requireSameOrigin(request);
  const session = await findTokenSession(ctx, request);
  if (session) await sessions.logout(ctx, anonymousOf(request), session);
  await signOutByCookie(ctx, request, reply);
}

/**
 * Ends the session of a request's refresh cookie, which is taken back.
 * @throws origin.refused
 */
export async function signOutByCookie(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  ctx.refreshCookie.requireSameOrigin(request);
  const token = ctx.refreshCookie.read(request);
  if (token !== null) await sessions.logoutByRefreshToken(ctx, anonymousOf(request), token);
  ctx.refreshCookie.clear(reply);
}
