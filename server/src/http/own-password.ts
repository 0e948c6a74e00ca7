import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { ownCanonicalEmail } from '../modules/users/own-account.service.ts';
import { actorOf } from './authenticate.ts';

/**
 * Counts a password that the caller gives for their own account as an attempt to sign in to it, so that
 * nobody at an open session guesses faster than at the sign-in. Where none is given, nothing counts.
 * @throws rate.limited, session.invalid, database.unavailable
 */
export async function countOwnPassword(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  password: string | undefined,
): Promise<void> {
  if (password === undefined) return;
  const email = await ownCanonicalEmail(ctx, actorOf(request));
  await ctx.requestLimits.countAccount(email, reply);
}
