import { isUuid } from '../../auth/uuid.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { endSessionsOf, raiseAuthVersion } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { type Administrator, holdPermissions, requireWithin } from '../roles/ceiling.service.ts';
import { accessOf, holdRoles } from '../roles/roles.service.ts';
import { deleteUserWithin, restoreUserWithin } from '../users/deletion.service.ts';
import { requestPasswordReset } from '../users/password.service.ts';
import * as repository from './accounts.repository.ts';

export type { AccountRow, ListedAccountRow } from './accounts.repository.ts';

/** What changes accounts; everything that does asks for one of these. */
type ChangePermission = 'users:update' | 'users:delete';

/**
 * One account, deleted or not. The person sees in their activity that it was looked at.
 * @throws user.not_found
 */
export async function viewAccount(
  ctx: Context,
  actor: Administrator,
  id: string,
): Promise<repository.AccountRow> {
  const account = await getAccount(ctx, id);
  await recordEvent(ctx.db, actor, {
    action: 'user.viewed',
    target: { kind: 'user', id },
    userId: id,
  });
  return account;
}

/** One account, deleted or not. @throws user.not_found */
export async function getAccount(ctx: Work, id: string): Promise<repository.AccountRow> {
  // A malformed id is answered exactly as an absent one.
  const account = isUuid(id) ? await repository.findAccount(ctx.db, id) : undefined;
  if (!account) throw new AppError('user.not_found');
  return account;
}

/**
 * Deletes an account, which can be restored for 30 days.
 * @throws user.not_found, user.beyond_own, user.last_administrator, permission.missing
 */
export async function deleteAccount(ctx: Context, actor: Administrator, id: string): Promise<void> {
  await within(ctx, actor, 'users:delete', id, (work) => deleteUserWithin(work, actor, id));
}

/**
 * Takes a deletion back; an account that is not deleted stays as it is.
 * @throws user.not_found, user.beyond_own, user.email_taken, permission.missing
 */
export async function restoreAccount(
  ctx: Context,
  actor: Administrator,
  id: string,
): Promise<repository.AccountRow> {
  return within(ctx, actor, 'users:delete', id, async (work) => {
    if (!(await repository.findState(work.db, id))) await restoreUserWithin(work, actor, id);
    return getAccount(work, id);
  });
}

/**
 * Mails the person a link by which they choose a new password; nobody else learns or chooses one.
 * @throws user.not_found, user.beyond_own, user.email_missing, permission.missing
 */
export async function mailPasswordReset(
  ctx: Context,
  actor: Administrator,
  id: string,
): Promise<void> {
  await within(ctx, actor, 'users:update', id, async (work) => {
    await requireState(work, id);
    await requestPasswordReset(work, actor, id);
  });
}

/**
 * Ends all sessions of a person, and makes every access token of theirs stale.
 * @throws user.not_found, user.beyond_own, permission.missing
 */
export async function endSessions(ctx: Context, actor: Administrator, id: string): Promise<void> {
  await within(ctx, actor, 'users:update', id, async (work) => {
    await requireState(work, id);
    await raiseAuthVersion(work.db, id);
    const count = await endSessionsOf(work.db, id, 'admin');
    await recordEvent(work.db, actor, {
      action: 'session.ended',
      target: { kind: 'session', id: null },
      userId: id,
      changes: { reason: 'admin', count },
    });
  });
}

/**
 * Does something to an account in one transaction, in which neither the account nor what the actor
 * may do changes, and which nobody may who holds less than the account does. `roles` are those that
 * it may be given.
 * @throws user.not_found, user.beyond_own, permission.missing
 */
export async function within<T>(
  ctx: Context,
  actor: Administrator,
  permission: ChangePermission,
  id: string,
  act: (work: Work, held: Awaited<ReturnType<typeof holdPermissions>>) => Promise<T>,
  roles: string[] = [],
): Promise<T> {
  if (!isUuid(id)) throw new AppError('user.not_found');
  return ctx.db.transaction(async (db) => {
    await holdRoles(db, id, roles);
    const held = await holdPermissions(db, actor, permission, [id]);
    const { permissions } = await accessOf(db, id);
    requireWithin(held, permissions, 'user.beyond_own');
    return act({ ...ctx, db }, held);
  });
}

/** What there is to change of an account. @throws user.not_found, also for a deleted one */
export async function requireState(ctx: Work, id: string): Promise<repository.AccountState> {
  const state = await repository.findState(ctx.db, id);
  if (!state) throw new AppError('user.not_found');
  return state;
}
