import { type RawBuilder, sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** A role with what it allows, and how many have it. */
export interface RoleRow {
  name: string;
  description: string;
  is_builtin: boolean;
  permissions: Permission[];
  /** Deleted accounts are not counted. */
  holders: number;
  created_at: string;
  updated_at: string;
}

export interface PermissionRow {
  name: Permission;
  description: string;
}

interface RoleDefinition {
  name: string;
  description: string;
}

interface PermissionsOfRole {
  name: string;
  permissions: Permission[];
}

const PERMISSIONS_OF_ROLE = sql<Permission[]>`array(
  select permission_name from role_permissions where role_name = roles.name order by 1)`;

const listStatement = defineStatement<{ after: string; limit: number }, RoleRow>(
  'role_definitions.list',
  (p) => selectRoles(sql`name > ${p.after}::text order by name limit ${p.limit}`),
);

const findStatement = defineStatement<{ name: string }, RoleRow>('role_definitions.find', (p) =>
  selectRoles(sql`name = ${p.name}`),
);

const lockStatement = defineStatement<{ name: string }>('role_definitions.lock', (p) =>
  builder.selectFrom('roles').select('name').where('name', '=', p.name).forUpdate(),
);

const findHoldersStatement = defineStatement<{ name: string }, { user_id: string }>(
  'role_definitions.find_holders',
  (p) => builder.selectFrom('user_roles').select('user_id').where('role_name', '=', p.name),
);

const insertStatement = defineStatement<RoleDefinition>('role_definitions.insert', (p) =>
  builder.insertInto('roles').values({ name: p.name, description: p.description }),
);

const updateStatement = defineStatement<RoleDefinition>('role_definitions.update', (p) =>
  builder
    .updateTable('roles')
    .set({ description: p.description, updated_at: sql`now()` })
    .where('name', '=', p.name),
);

const addPermissionsStatement = defineStatement<PermissionsOfRole>(
  'role_definitions.add_permissions',
  (p) => sql`
    insert into role_permissions (role_name, permission_name)
    select ${p.name}::text, unnest(${p.permissions}::text[])`,
);

const removePermissionsStatement = defineStatement<PermissionsOfRole>(
  'role_definitions.remove_permissions',
  (p) => sql`
    delete from role_permissions
    where role_name = ${p.name} and permission_name = any(${p.permissions}::text[])`,
);

const deleteStatement = defineStatement<{ name: string }>('role_definitions.delete', (p) =>
  builder.deleteFrom('roles').where('name', '=', p.name),
);

const listPermissionsStatement = defineStatement<object, PermissionRow>(
  'role_definitions.list_permissions',
  () =>
    builder
      .selectFrom('permissions')
      .select(['name', 'description'])
      .orderBy('name')
      .$castTo<PermissionRow>(),
);

/** Those who are deleted are few, so that counting everybody less them reads one index. */
function selectRoles(rest: RawBuilder<unknown>): RawBuilder<RoleRow> {
  return sql<RoleRow>`
    select name, description, is_builtin, ${PERMISSIONS_OF_ROLE} as permissions,
      (select count(*) from user_roles where role_name = roles.name) - (
        select count(*) from users join user_roles on user_roles.user_id = users.id
        where role_name = roles.name and users.deleted_at is not null
      ) as holders,
      created_at, updated_at
    from roles where ${rest}`;
}

/** Roles in the order of their names, from the one behind `after` on. */
export function listRoles(db: Queryable, after: string, limit: number): Promise<RoleRow[]> {
  return db.run(listStatement({ after, limit }));
}

/** One role. */
export async function findRole(db: Queryable, name: string): Promise<RoleRow | undefined> {
  return (await db.run(findStatement({ name })))[0];
}

/**
 * A role that nobody changes, removes or gives away before the end of the transaction. Roles are
 * locked before users everywhere.
 */
export async function lockRole(db: Queryable, name: string): Promise<RoleRow | undefined> {
  // Read by a statement of its own: the one that waits for the lock sees permissions of before.
  await db.run(lockStatement({ name }));
  return findRole(db, name);
}

/** Ids of everybody who has a role, deleted accounts included. */
export async function findHolders(db: Queryable, name: string): Promise<string[]> {
  return (await db.run(findHoldersStatement({ name }))).map((row) => row.user_id);
}

/** Adds a role that allows nothing yet; a taken name violates `roles_pkey`. */
export async function insertRole(db: Queryable, role: RoleDefinition): Promise<void> {
  await db.execute(insertStatement(role));
}

/** Changes the description of a role, and when it was changed. */
export async function updateRole(db: Queryable, role: RoleDefinition): Promise<void> {
  await db.execute(updateStatement(role));
}

/** Adds permissions that a role does not have yet. */
export async function addPermissions(db: Queryable, change: PermissionsOfRole): Promise<void> {
  if (change.permissions.length > 0) await db.execute(addPermissionsStatement(change));
}

/** Takes permissions from a role. */
export async function removePermissions(db: Queryable, change: PermissionsOfRole): Promise<void> {
  if (change.permissions.length > 0) await db.execute(removePermissionsStatement(change));
}

/** Removes a role, also from everybody who has it. */
export async function deleteRole(db: Queryable, name: string): Promise<void> {
  await db.execute(deleteStatement({ name }));
}

/** Every permission there is. */
export function listPermissions(db: Queryable): Promise<PermissionRow[]> {
  return db.run(listPermissionsStatement({}));
}
