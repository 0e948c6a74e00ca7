import { canonicalEmail } from '../../auth/email-address.ts';
import type { Permission } from '../../auth/permissions.ts';
import type { Context, Work } from '../../context.ts';
import { AppError, invalidField } from '../../errors.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { endSessionsOf, raiseAuthVersion } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { type Administrator, requireWithin } from '../roles/ceiling.service.ts';
import {
  ADMIN_ROLE,
  accessOf,
  grantRole,
  keepExistingRoles,
  permissionsOfRoles,
  requireAnotherAdministrator,
  withdrawRole,
} from '../roles/roles.service.ts';
import { enqueueNotice } from '../users/notices.service.ts';
import { requireVersion } from '../users/user-version.service.ts';
import * as repository from './accounts.repository.ts';
import { getAccount, requireState, within } from './accounts.service.ts';

/** The fields of an account to change; one left out stays. */
export interface AccountChange {
  name?: string | null;
  email?: string;
  /** `active` enables a disabled account, which is unverified where its address was never proven. */
  status?: 'active' | 'disabled';
  /** All roles that it is to have. */
  roles?: string[];
}

/** A change in the transaction that makes it. */
interface Change {
  work: Work;
  actor: Administrator;
  id: string;
  before: repository.AccountState;
  after: Omit<repository.AccountUpdate, 'id'>;
}

/**
 * Changes the given fields of an account. What it may do no longer, it cannot do from now on; a
 * disabled account has no sessions.
 * @param versions those that the change holds for; null: any
 * @throws user.not_found, user.beyond_own, role.beyond_own, user.last_administrator,
 * user.email_taken, user.version_mismatch, permission.missing, request.invalid
 */
export async function changeAccount(
  ctx: Context,
  actor: Administrator,
  id: string,
  input: AccountChange,
  versions: number[] | null = null,
): Promise<repository.AccountRow> {
  const { roles } = input;
  const act = async (work: Work, held: ReadonlySet<Permission>) => {
    const before = await requireState(work, id);
    requireVersion(before.version, versions);
    if (roles) await changeRoles(work, actor, held, id, roles);
    const change = { work, actor, id, before, after: stateAfter(before, input) };
    await changeStatus(change);
    await changeNames(change);
    return getAccount(work, id);
  };
  try {
    return await within(ctx, actor, 'users:update', id, act, roles);
  } catch (error) {
    if (constraintOf(error) !== 'users_email_canonical_key') throw error;
    throw new AppError('user.email_taken', { cause: error });
  }
}

async function changeRoles(
  { db }: Work,
  actor: Administrator,
  held: ReadonlySet<Permission>,
  userId: string,
  roles: string[],
): Promise<void> {
  if (!held.has('roles:assign')) throw new AppError('permission.missing');
  const known = await keepExistingRoles(db, roles);
  const unknownAt = roles.findIndex((role) => !known.has(role));
  if (unknownAt >= 0) throw invalidField(`/roles/${unknownAt}`, 'is not a role');
  const present = (await accessOf(db, userId)).roles;
  const added = roles.filter((role) => !present.includes(role));
  const removed = present.filter((role) => !roles.includes(role));
  if (added.length + removed.length === 0) return;
  requireWithin(held, await permissionsOfRoles(db, [...added, ...removed]), 'role.beyond_own');
  if (removed.includes(ADMIN_ROLE)) await requireAnotherAdministrator(db, userId);
  await raiseAuthVersion(db, userId);
  const target = { kind: 'user' as const, id: userId };
  for (const role of removed) {
    await withdrawRole(db, userId, role);
    await recordEvent(db, actor, { action: 'role.withdrawn', target, userId, changes: { role } });
  }
  for (const role of added) {
    await grantRole(db, userId, role);
    await recordEvent(db, actor, { action: 'role.assigned', target, userId, changes: { role } });
  }
}

/** An address that nobody has proven makes an account unverified. */
function stateAfter(before: repository.AccountState, input: AccountChange): Change['after'] {
  const email = input.email?.normalize('NFC') ?? before.email;
  const canonical = email === null ? null : canonicalEmail(email);
  const hasNewEmail = canonical !== before.email_canonical;
  const name = input.name === undefined ? before.name : input.name;
  const status = statusAfter(before, input, hasNewEmail);
  return { email, canonicalEmail: canonical, name, status, hasNewEmail };
}

function statusAfter(
  before: repository.AccountState,
  input: AccountChange,
  hasNewEmail: boolean,
): repository.AccountStatus {
  const wasDisabled = before.status === 'disabled';
  const isDisabled = input.status === undefined ? wasDisabled : input.status === 'disabled';
  if (isDisabled) return 'disabled';
  if (hasNewEmail) return 'unverified';
  if (!wasDisabled) return before.status;
  // Without an address there is none to verify.
  return before.is_verified || before.email === null ? 'active' : 'unverified';
}

/** Disables or enables; the new status itself is stored with the rest. */
async function changeStatus({ work, actor, id, before, after }: Change): Promise<void> {
  const isDisabled = after.status === 'disabled';
  if (isDisabled === (before.status === 'disabled')) return;
  const { db } = work;
  if (isDisabled) {
    await requireAnotherAdministrator(db, id);
    await endSessionsOf(db, id, 'admin');
  }
  await raiseAuthVersion(db, id);
  const action = isDisabled ? 'user.disabled' : 'user.enabled';
  await recordEvent(db, actor, { action, target: { kind: 'user', id }, userId: id });
}

async function changeNames({ work, actor, id, before, after }: Change): Promise<void> {
  const fields = (['email', 'name', 'status'] as const).filter((it) => before[it] !== after[it]);
  if (fields.length === 0) return;
  const { db } = work;
  await repository.updateAccount(db, { id, ...after });
  const target = { kind: 'user' as const, id };
  const changed = fields.filter((it) => it === 'name' || (it === 'email' && !after.hasNewEmail));
  if (changed.length > 0) {
    const changes = { fields: changed };
    await recordEvent(db, actor, { action: 'user.updated', target, userId: id, changes });
  }
  if (!after.hasNewEmail || after.canonicalEmail === null) return;
  await raiseAuthVersion(db, id);
  await work.jobs.enqueue(db, 'mail.verify_email', { email: after.canonicalEmail });
  // Both hear of it, so that neither a mistake nor a theft goes unnoticed.
  for (const email of [before.email, after.email]) {
    if (email === null) continue;
    await enqueueNotice(work, actor, id, 'email_changed_by_administrator', { email });
  }
  const personal = { previous_email: before.email, email: after.email };
  await recordEvent(db, actor, { action: 'email.changed', target, userId: id, personal });
}
