import type { Actor, SessionActor } from '../../auth/actor.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import {
  endSessionsOf,
  raiseAuthVersion,
  requireOpenSession,
} from '../account-changes/account-changes.service.ts';
import { revokeApiTokensOf } from '../api-tokens/api-tokens.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { voidTokens } from '../mailed-tokens/mailed-tokens.service.ts';
import { holdRoles, requireAnotherAdministrator } from '../roles/roles.service.ts';
import * as repository from './account.repository.ts';
import { requireFresh } from './fresh-sign-in.service.ts';
import { enqueueNotice, type Notice } from './notices.service.ts';
import type { UserRow } from './users.repository.ts';

/** A deleted account can be restored for so long; then everything of it goes. */
export const KEEP_DELETED_DAYS = 30;
const DAY_MS = 86_400_000;

/** What the person hears of a deletion, and what their sessions end for. */
interface DeletionCause {
  /** null: whoever deletes tells them. */
  notice: Notice | null;
  endReason: 'revoked' | 'admin';
}

const OWN_WISH: DeletionCause = { notice: 'account_deleted', endReason: 'revoked' };
const ADMINISTRATION: DeletionCause = {
  notice: 'account_deleted_by_administrator',
  endReason: 'admin',
};

interface Deletion {
  /** When it is too late. */
  restorableUntil: Date;
}

/**
 * Deletes the actor's own account, for whoever has just signed in or gives the password.
 * @throws fresh_sign_in.required, user.last_administrator, session.invalid
 */
export async function deleteOwnAccount(
  ctx: Context,
  actor: SessionActor,
  password?: string,
): Promise<Deletion> {
  await requireFresh(ctx, actor, password);
  const { userId } = actor;
  return ctx.db.transaction(async (db) => {
    // Nobody makes the actor the last administrator between the question and the deletion.
    await holdRoles(db, userId, []);
    const account = await repository.lockAccount(db, userId);
    if (!account || account.deleted_at !== null) throw new AppError('session.invalid');
    // The account may have got another owner since the request came in.
    await requireOpenSession(db, actor);
    return deleteUserWithin({ ...ctx, db }, actor, userId);
  });
}

/**
 * Deletes an account so that it can be restored for 30 days, as part of a transaction that somebody
 * else has opened, holding the account: it is absent everywhere, its sessions have ended, its links
 * and API tokens are of no use, its address is free.
 * @throws user.last_administrator, user.not_found
 */
export async function deleteUserWithin(
  ctx: Work,
  actor: Actor,
  userId: string,
  { notice, endReason }: DeletionCause = causeOf(actor, userId),
): Promise<Deletion> {
  const { db } = ctx;
  await requireAnotherAdministrator(db, userId);
  const deletedAt = await repository.softDelete(db, userId);
  if (deletedAt === undefined) throw new AppError('user.not_found');
  await raiseAuthVersion(db, userId);
  await endSessionsOf(db, userId, endReason);
  await voidTokens(db, userId);
  await revokeApiTokensOf(db, actor, userId);
  if (notice) await enqueueNotice(ctx, actor, userId, notice);
  await recordEvent(db, actor, {
    action: 'user.deleted',
    target: { kind: 'user', id: userId },
    userId,
  });
  return {
    restorableUntil: new Date(Date.parse(toRfc3339(deletedAt)) + KEEP_DELETED_DAYS * DAY_MS),
  };
}

function causeOf(actor: Actor, userId: string): DeletionCause {
  return 'userId' in actor && actor.userId === userId ? OWN_WISH : ADMINISTRATION;
}

/**
 * Takes a deletion back, as part of a transaction that somebody else has opened; sessions stay ended,
 * and API tokens revoked.
 * @param notice what the person hears of it; null: whoever restores tells them
 * @throws user.not_found, user.email_taken
 */
export async function restoreUserWithin(
  ctx: Work,
  actor: Actor,
  userId: string,
  notice: Notice | null = 'account_restored',
): Promise<UserRow> {
  const { db } = ctx;
  const user = await restoreRow(db, userId);
  if (!user) throw new AppError('user.not_found');
  await raiseAuthVersion(db, userId);
  if (notice) await enqueueNotice(ctx, actor, userId, notice);
  await recordEvent(db, actor, {
    action: 'user.restored',
    target: { kind: 'user', id: userId },
    userId,
  });
  return user;
}

async function restoreRow(db: Queryable, userId: string): Promise<UserRow | undefined> {
  try {
    return await repository.restore(db, userId, KEEP_DELETED_DAYS);
  } catch (error) {
    if (constraintOf(error) !== 'users_email_canonical_key') throw error;
    throw new AppError('user.email_taken', { cause: error });
  }
}
