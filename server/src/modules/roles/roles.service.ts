import type { Permission } from '../../auth/permissions.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './roles.repository.ts';

/** The role of everybody. */
export const DEFAULT_ROLE = 'user';
/** The role that holds every permission; there is always somebody who has it. */
export const ADMIN_ROLE = 'admin';

/** What a user may do, and by which roles. */
export interface Access {
  roles: string[];
  permissions: Permission[];
}

/** Gives a new user the role of everybody, as part of the transaction that adds them. */
export async function grantDefaultRole(db: Queryable, userId: string): Promise<void> {
  await repository.grantRole(db, { userId, roleName: DEFAULT_ROLE });
}

/** Gives roles that exist to a new user, as part of the transaction that adds them. */
export async function grantRoles(db: Queryable, userId: string, names: string[]): Promise<void> {
  for (const roleName of names) await repository.grantRole(db, { userId, roleName });
}

/** Which of the roles there are; they stay until the end of the transaction. */
export async function keepExistingRoles(db: Queryable, names: string[]): Promise<Set<string>> {
  return new Set(names.length === 0 ? [] : await repository.keepRoles(db, names));
}

/** The roles of a user, and the permissions that come with them. */
export function accessOf(db: Queryable, userId: string): Promise<Access> {
  return repository.findAccess(db, userId);
}

/**
 * To be called in the transaction of everything that may take an administrator away (deleting,
 * disabling, withdrawing the role), before it does: the last active one stays, also when two are
 * taken away at the same time.
 * @throws user.last_administrator
 */
export async function requireAnotherAdministrator(db: Queryable, userId: string): Promise<void> {
  const { roles } = await repository.findAccess(db, userId);
  if (!roles.includes(ADMIN_ROLE)) return;
  await repository.lockRole(db, ADMIN_ROLE);
  const others = await repository.countOtherHolders(db, { userId, roleName: ADMIN_ROLE });
  if (others === 0) throw new AppError('user.last_administrator');
}

/**
 * To be called first in a transaction that may change who has which roles: the roles that a user has
 * and those in `names` stay what they are until its end. Everybody locks roles before accounts.
 */
export async function holdRoles(db: Queryable, userId: string, names: string[]): Promise<void> {
  const { roles } = await repository.findAccess(db, userId);
  const concerned = [...new Set([...roles, ...names])];
  // Whoever counts administrators takes this lock, which cannot be strengthened without a deadlock.
  if (concerned.includes(ADMIN_ROLE)) await repository.lockRole(db, ADMIN_ROLE);
  await keepExistingRoles(db, concerned);
}

/** Of roles, everything that at least one of them allows. */
export function permissionsOfRoles(db: Queryable, names: string[]): Promise<Permission[]> {
  return repository.findPermissionsOfRoles(db, names);
}

/** Gives a role to a user. */
export async function grantRole(db: Queryable, userId: string, roleName: string): Promise<void> {
  await repository.grantRole(db, { userId, roleName });
}

/** Takes a role from a user. */
export async function withdrawRole(db: Queryable, userId: string, roleName: string): Promise<void> {
  await repository.revokeRole(db, { userId, roleName });
}
