import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';

const deleteStatement = defineStatement<{ userId: string; limit: number }>(
  'tasks.delete_some_of_owner',
  (p) => sql`
    delete from tasks where user_id = ${p.userId}::uuid and id in (
      select id from tasks where user_id = ${p.userId}::uuid order by id limit ${p.limit}::int)`,
);

/** Deletes for good up to `limit` tasks of a person; answers how many. */
export function deleteSomeTasksOf(db: Queryable, userId: string, limit: number): Promise<number> {
  return db.execute(deleteStatement({ userId, limit }));
}
