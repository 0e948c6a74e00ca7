import type { Actor, AnonymousActor, SessionActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import {
  endSessionsOf,
  raiseAuthVersion,
  unlinkIdentitiesOf,
} from '../account-changes/account-changes.service.ts';
import { revokeApiTokensOf } from '../api-tokens/api-tokens.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import {
  consumeToken,
  requireUsableToken,
  voidTokens,
} from '../mailed-tokens/mailed-tokens.service.ts';
import * as repository from './account.repository.ts';
import { enqueueNotice, payloadOrigin } from './notices.service.ts';

interface Change {
  currentPassword: string;
  newPassword: string;
}

/** Mails a reset link where the address is that of an account. Answers nothing either way. */
export async function forgotPassword(
  ctx: Context,
  actor: AnonymousActor,
  email: string,
): Promise<void> {
  const canonical = canonicalEmail(email);
  if (!(await ctx.mailLimit.takeMail(canonical))) return;
  await ctx.jobs.enqueue(ctx.db, 'mail.reset_password', {
    user_id: null,
    email: canonical,
    request_id: actor.origin.requestId,
    origin: payloadOrigin(actor.origin),
  });
}

/**
 * Mails a reset link to a user on behalf of somebody else, who learns nothing of it; as part of the
 * transaction behind `ctx.db`.
 * @throws user.email_missing: a password would be of no use either
 */
export async function requestPasswordReset(ctx: Work, actor: Actor, userId: string): Promise<void> {
  const account = await repository.findAccount(ctx.db, userId);
  if (account?.email_canonical === null) throw new AppError('user.email_missing');
  const payload = { user_id: userId, email: null, request_id: null, origin: null };
  await ctx.jobs.enqueue(ctx.db, 'mail.reset_password', payload);
  await recordEvent(ctx.db, actor, {
    action: 'password.reset_requested',
    target: { kind: 'user', id: userId },
    userId,
  });
}

/**
 * Sets the password of the account that a link was mailed to. Every session ends, the address counts
 * as verified, and other links are void; nobody is signed in. Where nobody had proven the address
 * before, the account may have been made by somebody else: their API tokens and identities go too.
 * @throws token.expired_or_unknown
 */
export async function resetPassword(
  ctx: Context,
  actor: AnonymousActor,
  { token, password }: { token: string; password: string },
): Promise<void> {
  await requireUsableToken(ctx, 'reset', token);
  const passwordHash = await ctx.passwords.hash(password);
  await ctx.db.transaction(async (db) => {
    const id = await consumeToken(db, 'reset', token);
    if (!(await repository.setPassword(db, { id, passwordHash, checkedHash: null }))) {
      throw new AppError('token.expired_or_unknown');
    }
    const account = await repository.findAccount(db, id);
    if (account?.email_verified_at === null) {
      await revokeApiTokensOf(db, actor, id);
      await unlinkIdentitiesOf(db, actor, id);
    }
    await repository.settleReset(db, id);
    await endSessionsOf(db, id, 'password');
    await settleNewPassword({ ...ctx, db }, actor, id, 'reset');
  });
}

/**
 * Changes the actor's password. Other sessions end; the present one goes on after a refresh.
 * @throws credentials.invalid
 */
export async function changePassword(
  ctx: Context,
  actor: SessionActor,
  { currentPassword, newPassword }: Change,
): Promise<void> {
  const { userId: id, sessionId } = actor;
  const checkedHash = (await repository.findAccount(ctx.db, id))?.password_hash ?? null;
  const isRight = await ctx.passwords.matches(currentPassword, checkedHash);
  if (checkedHash === null) throw noPassword();
  if (!isRight) throw new AppError('credentials.invalid');
  const passwordHash = await ctx.passwords.hash(newPassword);
  await ctx.db.transaction(async (db) => {
    if (!(await repository.setPassword(db, { id, passwordHash, checkedHash }))) {
      throw new AppError('credentials.invalid');
    }
    await endSessionsOf(db, id, 'password', sessionId);
    await settleNewPassword({ ...ctx, db }, actor, id, 'changed');
  });
}

/** Whoever signs in by a provider alone learns what to do instead. */
function noPassword(): AppError {
  const detail = 'is not there: this account has no password yet, "Forgot password" sets one';
  return new AppError('credentials.invalid', {
    errors: [{ pointer: '/current_password', detail }],
  });
}

/** What a new password means for everything that was issued before it. */
async function settleNewPassword(
  ctx: Work,
  actor: Actor,
  userId: string,
  how: 'reset' | 'changed',
): Promise<void> {
  await raiseAuthVersion(ctx.db, userId);
  await voidTokens(ctx.db, userId);
  await enqueueNotice(ctx, actor, userId, how === 'reset' ? 'password_reset' : 'password_changed');
  await recordEvent(ctx.db, actor, {
    action: how === 'reset' ? 'password.reset' : 'password.changed',
    target: { kind: 'user', id: userId },
    userId,
  });
}
