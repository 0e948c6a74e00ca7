import { sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

interface UserRoleKey {
  userId: string;
  roleName: string;
}

/** What a user may do, and by which roles. */
export interface AccessRow {
  roles: string[];
  permissions: Permission[];
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
