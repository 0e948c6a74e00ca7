import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

const purgeStatement = defineStatement<{ keepDays: number; limit: number }, { id: number }>(
  'tasks.purge',
  (p) =>
    builder
      .deleteFrom('tasks')
      .where(
        sql<boolean>`(user_id, id) in (
          select user_id, id from tasks
          where deleted_at < now() - make_interval(days => ${p.keepDays}::int)
          order by user_id, id limit ${p.limit}::int for update skip locked)`,
      )
      .returning('id'),
);

/** Deletes for good up to `limit` tasks that are in the trash for `keepDays`; answers how many. */
export async function deleteOldTrash(
  db: Queryable,
  keepDays: number,
  limit: number,
): Promise<number> {
  return (await db.run(purgeStatement({ keepDays, limit }))).length;
}
