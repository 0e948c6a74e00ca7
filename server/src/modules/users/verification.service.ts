import type { AnonymousActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
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
      if (!(await repository.markVerified(db, id))) {
        throw new AppError('token.expired_or_unknown');
      }
      const target = { kind: 'user' as const, id };
      await recordEvent(db, actor, { action: 'user.verified', target, userId: id });
    });
    return 'verified';
  } catch (error) {
    const isRefused = error instanceof AppError && error.code === 'token.expired_or_unknown';
    if (isRefused && (await isAddressProven(ctx, token))) return 'already_verified';
    throw error;
  }
}

/** Mails the link once more where the address is that of an unverified account. Answers nothing either way. */
export async function resendVerification(ctx: Context, email: string): Promise<void> {
  const canonical = canonicalEmail(email);
  if (!(await ctx.mailLimit.takeMail(canonical))) return;
  await ctx.jobs.enqueue(ctx.db, 'mail.verify_email', { email: canonical });
}
