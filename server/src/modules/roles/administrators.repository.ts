import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';

const existsStatement = defineStatement<{ roleName: string }>(
  'administrators.exist',
  (p) => sql`
    select 1 from user_roles join users on users.id = user_roles.user_id
    where role_name = ${p.roleName} and users.deleted_at is null and users.status <> 'disabled'
    limit 1`,
);

/** Whether anybody has the role who is neither deleted nor disabled. */
export async function hasHolder(db: Queryable, roleName: string): Promise<boolean> {
  return (await db.run(existsStatement({ roleName }))).length > 0;
}
