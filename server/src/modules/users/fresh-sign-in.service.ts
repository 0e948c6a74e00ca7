import type { SessionActor } from '../../auth/actor.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { findAccount } from './account.repository.ts';

/** A sign-in counts as fresh for so long. */
const FRESH_SECONDS = 10 * 60;

/**
 * Refuses what somebody with an unattended browser must not do: the person has signed in within the
 * last ten minutes, or gives the password along. A wrong one is refused in any case: whoever gives it
 * means to be asked. Routes that pass a password on count it as an attempt on the account first.
 * @throws fresh_sign_in.required
 */
export async function requireFresh(
  ctx: Context,
  actor: SessionActor,
  password?: string,
): Promise<void> {
  if (password === undefined) {
    const ageSeconds = Date.now() / 1000 - actor.authenticatedAtSeconds;
    if (ageSeconds <= FRESH_SECONDS) return;
    throw new AppError('fresh_sign_in.required');
  }
  const account = await findAccount(ctx.db, actor.userId);
  const isRight = await ctx.passwords.matches(password, account?.password_hash ?? null);
  if (!isRight) throw new AppError('fresh_sign_in.required');
}
