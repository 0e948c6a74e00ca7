import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import type { Permission } from '../../auth/permissions.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { raiseAuthVersionOfRole } from '../account-changes/account-changes.service.ts';
import { recordEvent, recordEventForEach } from '../audit/audit.service.ts';
import { type Administrator, holdPermissions, requireWithin } from './ceiling.service.ts';
import * as definitions from './role-definitions.repository.ts';
import { ADMIN_ROLE } from './roles.service.ts';

export type { PermissionRow, RoleRow } from './role-definitions.repository.ts';

/** What names of roles look like. */
export const ROLE_NAME = /^[a-z][a-z0-9-]{0,49}$/;

const DEFAULT_LIMIT = 50;
const LIST_SCOPE = 'roles';

interface RoleInput {
  description: string;
  permissions: Permission[];
}

interface ListInput {
  limit?: number;
  cursor?: string;
}

/**
 * A page of all roles, by name.
 * @throws request.invalid
 */
export async function listRoles(
  ctx: Context,
  input: ListInput = {},
): Promise<Page<definitions.RoleRow>> {
  const { limit = DEFAULT_LIMIT, cursor } = input;
  const key = ctx.keys.cursor;
  const after = cursor === undefined ? '' : decodeCursor(key, LIST_SCOPE, cursor)[0];
  const rows = await definitions.listRoles(ctx.db, String(after), limit + 1);
  return pageOf(key, LIST_SCOPE, rows, limit, (row) => [row.name]);
}

/** Every permission that a role can have. */
export function listPermissions(ctx: Context): Promise<definitions.PermissionRow[]> {
  return definitions.listPermissions(ctx.db);
}

/**
 * Makes a role of permissions that the actor holds.
 * @throws role.name_taken, role.beyond_own, permission.missing
 */
export async function createRole(
  ctx: Context,
  actor: Administrator,
  input: RoleInput & { name: string },
): Promise<definitions.RoleRow> {
  const { name, description } = input;
  const permissions = unique(input.permissions);
  try {
    return await ctx.db.transaction(async (db) => {
      const held = await holdPermissions(db, actor, 'roles:write');
      requireWithin(held, permissions, 'role.beyond_own');
      await definitions.insertRole(db, { name, description });
      await definitions.addPermissions(db, { name, permissions });
      const target = { kind: 'role' as const, id: name };
      const changes = { permissions };
      await recordEvent(db, actor, { action: 'role.created', target, userId: null, changes });
      return getRole(db, name);
    });
  } catch (error) {
    if (constraintOf(error) === 'roles_pkey') {
      throw new AppError('role.name_taken', { cause: error });
    }
    throw error;
  }
}

/**
 * Replaces description and permissions of a role. Whoever has it can do at once what it allows now,
 * and nothing that it allowed only before.
 * @throws role.not_found, role.builtin, role.beyond_own, permission.missing
 */
export async function replaceRole(
  ctx: Context,
  actor: Administrator,
  name: string,
  input: RoleInput,
): Promise<definitions.RoleRow> {
  const { description } = input;
  const permissions = unique(input.permissions);
  return ctx.db.transaction(async (db) => {
    const { role } = await lockWithinOwn(db, actor, name, permissions);
    if (name === ADMIN_ROLE) throw new AppError('role.builtin');
    const added = permissions.filter((it) => !role.permissions.includes(it));
    const removed = role.permissions.filter((it) => !permissions.includes(it));
    const hasOtherPermissions = added.length + removed.length > 0;
    const hasOtherDescription = description !== role.description;
    if (!hasOtherPermissions && !hasOtherDescription) return getRole(db, name);
    await definitions.updateRole(db, { name, description });
    await definitions.addPermissions(db, { name, permissions: added });
    await definitions.removePermissions(db, { name, permissions: removed });
    if (hasOtherPermissions) await raiseAuthVersionOfRole(db, name);
    const target = { kind: 'role' as const, id: name };
    const changes = { added, removed, description: hasOtherDescription };
    await recordEvent(db, actor, { action: 'role.updated', target, userId: null, changes });
    return getRole(db, name);
  });
}

/**
 * Removes a role, also from everybody who has it; answers how many those were.
 * @throws role.not_found, role.builtin, role.beyond_own, permission.missing
 */
export async function removeRole(
  ctx: Context,
  actor: Administrator,
  name: string,
): Promise<{ withdrawnFrom: number }> {
  return ctx.db.transaction(async (db) => {
    const { role, holders } = await lockWithinOwn(db, actor, name);
    if (role.is_builtin) throw new AppError('role.builtin');
    await raiseAuthVersionOfRole(db, name);
    await definitions.deleteRole(db, name);
    const target = { kind: 'role' as const, id: name };
    const withdrawal = { action: 'role.withdrawn' as const, changes: { role: name } };
    await recordEventForEach(db, actor, holders, withdrawal);
    const changes = { permissions: role.permissions };
    await recordEvent(db, actor, { action: 'role.deleted', target, userId: null, changes });
    return { withdrawnFrom: holders.length };
  });
}

/** Locks a role, everybody who has it and the actor, who must hold all of it and of `permissions`. */
async function lockWithinOwn(
  db: Queryable,
  actor: Administrator,
  name: string,
  permissions: Permission[] = [],
) {
  // A malformed name is answered exactly as an absent one.
  const role = ROLE_NAME.test(name) ? await definitions.lockRole(db, name) : undefined;
  if (!role) throw new AppError('role.not_found');
  const holders = await definitions.findHolders(db, name);
  const held = await holdPermissions(db, actor, 'roles:write', holders);
  requireWithin(held, [...role.permissions, ...permissions], 'role.beyond_own');
  return { role, holders };
}

async function getRole(db: Queryable, name: string): Promise<definitions.RoleRow> {
  const role = await definitions.findRole(db, name);
  if (!role) throw new AppError('role.not_found');
  return role;
}

function unique(permissions: Permission[]): Permission[] {
  return [...new Set(permissions)].sort();
}
