import type { Actor } from '../../auth/actor.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { raiseAuthVersion } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { hasHolder } from './administrators.repository.ts';
import { grantRole, lockRole } from './roles.repository.ts';
import { ADMIN_ROLE } from './roles.service.ts';

/** Whether there is an active administrator. */
export function hasAdministrator(db: Queryable): Promise<boolean> {
  return hasHolder(db, ADMIN_ROLE);
}

/** The same, and it stays so until the end of the transaction: one at a time makes administrators. */
export async function hasAdministratorLocked(db: Queryable): Promise<boolean> {
  await lockRole(db, ADMIN_ROLE);
  return hasHolder(db, ADMIN_ROLE);
}

/** Makes a user an administrator, as part of a transaction; answers false where they were one. */
export async function makeAdministrator(
  db: Queryable,
  actor: Actor,
  userId: string,
): Promise<boolean> {
  if (!(await grantRole(db, { userId, roleName: ADMIN_ROLE }))) return false;
  await raiseAuthVersion(db, userId);
  await recordEvent(db, actor, {
    action: 'role.assigned',
    target: { kind: 'user', id: userId },
    userId,
    changes: { role: ADMIN_ROLE },
  });
  return true;
}
