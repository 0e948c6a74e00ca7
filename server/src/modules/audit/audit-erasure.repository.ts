import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

const eraseStatement = defineStatement<{ userId: string }>('audit.erase_personal', (p) =>
  builder.deleteFrom('audit_personal').where('user_id', '=', p.userId),
);

/** Deletes what is personal about a user; answers how many rows that were. */
export function deletePersonal(db: Queryable, userId: string): Promise<number> {
  return db.execute(eraseStatement({ userId }));
}
