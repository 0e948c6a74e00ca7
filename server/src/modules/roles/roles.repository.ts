import { sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

interface UserRoleKey {
  userId: string;
  roleName: string;
}

/** What a user may do, and by which roles. */
interface AccessRow {
  roles: string[];
  permissions: Permission[];
}

/** A user who stays as they are until the end of the transaction. */
interface LockedUserRow {
  id: string;
  status: 'unverified' | 'active' | 'disabled';
  is_deleted: boolean;
}

const grantStatement = defineStatement<UserRoleKey>('roles.grant', (p) =>
  builder
    .insertInto('user_roles')
    .values({ user_id: p.userId, role_name: p.roleName })
    .onConflict((conflict) => conflict.doNothing()),
);

const findAccessStatement = defineStatement<{ userId: string }, AccessRow>(
  'roles.find_access',
  (p) => sql`
    select array(select role_name from user_roles where user_id = ${p.userId}::uuid order by 1) as roles,
      array(
        select distinct permission_name from user_roles join role_permissions using (role_name)
        where user_id = ${p.userId}::uuid order by 1
      ) as permissions`,
);

const lockStatement = defineStatement<{ roleName: string }>('roles.lock', (p) =>
  builder.selectFrom('roles').select('name').where('name', '=', p.roleName).forUpdate(),
);

const countOthersStatement = defineStatement<UserRoleKey, { count: number }>(
  'roles.count_other_holders',
  (p) => sql`
    select count(*) as count from user_roles join users on users.id = user_roles.user_id
    where role_name = ${p.roleName} and user_id <> ${p.userId}::uuid
      and users.deleted_at is null and users.status <> 'disabled'`,
);

const revokeStatement = defineStatement<UserRoleKey>('roles.revoke', (p) =>
  builder
    .deleteFrom('user_roles')
    .where('user_id', '=', p.userId)
    .where('role_name', '=', p.roleName),
);

/** Locks in the order of ids, so that two of these never wait for each other in a circle. */
const lockUsersStatement = defineStatement<{ userIds: string[] }, LockedUserRow>(
  'roles.lock_users',
  (p) => sql`
    select id, status, deleted_at is not null as is_deleted from users
    where id = any(${p.userIds}::uuid[]) order by id for no key update`,
);

const lockRolesStatement = defineStatement<{ names: string[] }, { name: string }>(
  'roles.lock_many',
  (p) => sql`
    select name from roles where name = any(${p.names}::text[]) order by name for key share`,
);

const findPermissionsOfRolesStatement = defineStatement<
  { names: string[] },
  { permission_name: Permission }
>('roles.find_permissions_of_roles', (p) =>
  builder
    .selectFrom('role_permissions')
    .select('permission_name')
    .distinct()
    .where(sql<boolean>`role_name = any(${p.names}::text[])`)
    .$castTo<{ permission_name: Permission }>(),
);

/** Gives a role to a user; one that does not exist violates `user_roles_role_name_fkey`. */
export async function grantRole(db: Queryable, key: UserRoleKey): Promise<boolean> {
  return (await db.execute(grantStatement(key))) > 0;
}

/** The roles of a user, and what they allow. */
export async function findAccess(db: Queryable, userId: string): Promise<AccessRow> {
  return (await db.run(findAccessStatement({ userId })))[0] ?? { roles: [], permissions: [] };
}

/** Holds a role until the end of the transaction, so that who has it is decided by one at a time. */
export async function lockRole(db: Queryable, roleName: string): Promise<void> {
  await db.run(lockStatement({ roleName }));
}

/** How many users have a role who are neither deleted nor disabled, not counting one of them. */
export async function countOtherHolders(db: Queryable, key: UserRoleKey): Promise<number> {
  return (await db.run(countOthersStatement(key)))[0]?.count ?? 0;
}

/** Takes a role from a user; answers whether they had it. */
export async function revokeRole(db: Queryable, key: UserRoleKey): Promise<boolean> {
  return (await db.execute(revokeStatement(key))) > 0;
}

/** Users who stay as they are, roles included, until the end of the transaction. */
export function lockUsers(db: Queryable, userIds: string[]): Promise<LockedUserRow[]> {
  return db.run(lockUsersStatement({ userIds }));
}

/** Keeps roles from being changed or removed until the end of the transaction; answers which there are. */
export async function keepRoles(db: Queryable, names: string[]): Promise<string[]> {
  return (await db.run(lockRolesStatement({ names }))).map((row) => row.name);
}

/** Everything that at least one of the roles allows. */
export async function findPermissionsOfRoles(
  db: Queryable,
  names: string[],
): Promise<Permission[]> {
  const rows = await db.run(findPermissionsOfRolesStatement({ names }));
  return rows.map((row) => row.permission_name);
}
