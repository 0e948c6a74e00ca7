import type { Actor, AnonymousActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { consumeToken, isAddressProven } from '../mailed-tokens/mailed-tokens.service.ts';
import * as repository from './account.repository.ts';

export type Verification = 'verified' | 'already_verified';

/**
 * Verifies the address that a link was mailed to; again answers that it is verified already.
 * @throws token.expired_or_unknown
 */
export async function verifyEmail(
  ctx: Context,
  actor: AnonymousActor,
  token: string,
): Promise<Verification> {
  try {
    await ctx.db.transaction(async (db) => {
      const id = await consumeToken(db, 'verify', token);
      if (!(await markVerified(db, actor, id))) throw new AppError('token.expired_or_unknown');
    });
    return 'verified';
  } catch (error) {
    const isRefused = error instanceof AppError && error.code === 'token.expired_or_unknown';
    if (isRefused && (await isAddressProven(ctx, token))) return 'already_verified';
    throw error;
  }
}

/**
 * Notes that somebody has proven the address of an account, as part of a transaction; answers false
 * where there is no such account.
 */
export async function markVerified(db: Queryable, actor: Actor, userId: string): Promise<boolean> {
  if (!(await repository.markVerified(db, userId))) return false;
  const target = { kind: 'user' as const, id: userId };
  await recordEvent(db, actor, { action: 'user.verified', target, userId });
  return true;
}

/** Mails the link once more where the address is that of an unverified account. Answers nothing either way. */
export async function resendVerification(ctx: Context, email: string): Promise<void> {
  const canonical = canonicalEmail(email);
  if (!(await ctx.mailLimit.takeMail(canonical))) return;
  await ctx.jobs.enqueue(ctx.db, 'mail.verify_email', { email: canonical });
}
