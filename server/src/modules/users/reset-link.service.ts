import type { OperatorActor } from '../../auth/actor.ts';
import { linkWithToken } from '../../auth/one-time-token.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { mintToken } from '../mailed-tokens/mailed-tokens.service.ts';
import { findAccount } from './account.repository.ts';

/**
 * Makes a link by which a person chooses a new password, for an operator to hand over where no mail
 * arrives. Older ones are void.
 * @throws user.not_found, also for an account that is deleted or disabled; user.email_missing
 */
export async function makeResetLink(
  ctx: Context,
  actor: OperatorActor,
  userId: string,
): Promise<string> {
  const account = await findAccount(ctx.db, userId);
  if (account?.email_canonical === null) throw new AppError('user.email_missing');
  const minted = await mintToken(ctx, userId, 'reset');
  if (!minted) throw new AppError('user.not_found');
  // A link that nobody has seen does no harm; one that was seen has been noted.
  await recordEvent(ctx.db, actor, {
    action: 'password.reset_requested',
    target: { kind: 'user', id: userId },
    userId,
    changes: { printed: true },
  });
  return linkWithToken(ctx.publicUrl, 'reset-password', minted.token);
}
