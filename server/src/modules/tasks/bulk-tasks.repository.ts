import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';
import { NEXT_UPDATED_AT } from './tasks.repository.ts';

export const BULK_ACTIONS = ['complete', 'reopen', 'delete', 'restore'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export interface BulkResultRow {
  affected: number;
  missing: number[];
}

interface BulkArguments {
  userId: string;
  ids: number[];
}

/** For each action: which tasks it finds, which of those it changes, and how. */
const BULK_RULES: Record<BulkAction, { finds: string; changes: string; sets: string }> = {
  complete: {
    finds: 'deleted_at is null',
    changes: "status <> 'completed'",
    sets: "status = 'completed', completed_at = now()",
  },
  reopen: {
    finds: 'deleted_at is null',
    changes: "status = 'completed'",
    sets: "status = 'pending', completed_at = null",
  },
  delete: { finds: 'deleted_at is null', changes: 'true', sets: 'deleted_at = now()' },
  restore: { finds: 'true', changes: 'deleted_at is not null', sets: 'deleted_at = null' },
};

const bulkStatements = Object.fromEntries(
  BULK_ACTIONS.map((action) => [action, defineBulkStatement(action)]),
) as Record<BulkAction, ReturnType<typeof defineBulkStatement>>;

/** Rows are locked in order of their ids, so that two overlapping calls wait instead of deadlocking. */
function defineBulkStatement(action: BulkAction) {
  const { finds, changes, sets } = BULK_RULES[action];
  return defineStatement<BulkArguments, BulkResultRow>(
    `tasks.bulk_${action}`,
    (p) => sql<BulkResultRow>`
      with found as materialized (
        select id, ${sql.raw(changes)} as is_due from tasks
        where user_id = ${p.userId}::uuid and id = any(${p.ids}::bigint[]) and ${sql.raw(finds)}
        order by id for update
      ), changed as (
        update tasks set ${sql.raw(sets)}, version = version + 1, updated_at = ${NEXT_UPDATED_AT}
        from found
        where tasks.user_id = ${p.userId}::uuid and tasks.id = found.id and found.is_due
        returning tasks.id
      )
      select (select count(*) from changed) as affected,
        array(select wanted.id from unnest(${p.ids}::bigint[]) with ordinality as wanted(id, place)
          where not exists (select from found where found.id = wanted.id)
          group by wanted.id order by min(place)) as missing`,
  );
}

/** Changes many tasks in one statement. */
export async function changeTasks(
  db: Queryable,
  action: BulkAction,
  userId: string,
  ids: number[],
): Promise<BulkResultRow> {
  const [result] = await db.run(bulkStatements[action]({ userId, ids }));
  if (!result) throw new Error('the bulk statement answered nothing');
  return { affected: result.affected, missing: result.missing.map(Number) };
}
