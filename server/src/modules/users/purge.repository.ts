import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

interface PurgeableUser {
  id: string;
  email_canonical: string | null;
}

const findStatement = defineStatement<{ keepDays: number }, PurgeableUser>(
  'users.find_purgeable',
  (p) =>
    builder
      .selectFrom('users')
      .select(['id', 'email_canonical'])
      .where(sql<boolean>`deleted_at < now() - make_interval(days => ${p.keepDays}::int)`)
      .limit(1)
      .forUpdate()
      .skipLocked(),
);

/** Rows of other tables go by cascade. */
const deleteStatement = defineStatement<{ id: string }>('users.delete_purgeable', (p) =>
  builder.deleteFrom('users').where('id', '=', p.id).where('deleted_at', 'is not', null),
);

/** A user deleted more than `keepDays` ago whom no other process purges, held until the end of the transaction. */
export async function findPurgeable(
  db: Queryable,
  keepDays: number,
): Promise<PurgeableUser | undefined> {
  return (await db.run(findStatement({ keepDays })))[0];
}

/** Deletes a deleted user for good. */
export async function deletePurgeable(db: Queryable, id: string): Promise<void> {
  await db.run(deleteStatement({ id }));
}
