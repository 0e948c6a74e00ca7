import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';

/** A merge, as what moves between its accounts is known by. */
export interface Move {
  userId: string;
  mergeId: string;
  mergedUserId: string;
}

/** Tasks of one statement: it takes a small part of the time that statements have. */
const BATCH = 5_000;

/** In the order of their ids, like everybody who changes many; changes that are under way come first. */
const holdComingStatement = defineStatement<Move>(
  'moved_things.hold_coming',
  (p) => sql`
    select count(*) from (
      select 1 from tasks where user_id = ${p.mergedUserId}::uuid order by id for update
    ) as held`,
);

const holdReturningStatement = defineStatement<Move>(
  'moved_things.hold_returning',
  (p) => sql`
    select count(*) from (
      select 1 from tasks join account_merge_tasks as came
        on came.task_id = tasks.id and came.task_created_at = tasks.created_at
      where came.user_id = ${p.userId}::uuid and came.merge_id = ${p.mergeId}::uuid
        and tasks.user_id = ${p.userId}::uuid
      order by tasks.id for update of tasks
    ) as held`,
);

/** Places of their own in a row of ids from `firstId` on that neither account has; as many as `wanted`. */
const freeIds = (p: Move & { firstId: number }, wanted: ReturnType<typeof sql>) => sql`
  select series.id, row_number() over (order by series.id) as place
  from generate_series(${p.firstId}::bigint, ${p.firstId}::bigint + ${wanted} + (
    select count(*) from tasks where id >= ${p.firstId}::bigint
      and user_id in (${p.userId}::uuid, ${p.mergedUserId}::uuid)
  )) as series (id)
  where not exists (select from tasks where tasks.id = series.id
    and user_id in (${p.userId}::uuid, ${p.mergedUserId}::uuid))`;

/** Twice the same is a repetition of the client's, made after its task had gone. */
const recordStatement = defineStatement<Move & { firstId: number }>(
  'moved_things.record',
  (p) => sql`
    with coming as materialized (
      select id, created_at from tasks where user_id = ${p.mergedUserId}::uuid
    ), taken as materialized (
      select coming.id, row_number() over (order by coming.id) as place from coming
      where exists (select from tasks where user_id = ${p.userId}::uuid and tasks.id = coming.id)
    ), free as materialized (${freeIds(p, sql`(select count(*) from taken)`)})
    insert into account_merge_tasks (user_id, merge_id, original_id, task_id, task_created_at)
    select ${p.userId}::uuid, ${p.mergeId}::uuid, coming.id, coalesce(free.id, coming.id),
      coming.created_at
    from coming left join taken on taken.id = coming.id left join free on free.place = taken.place
    on conflict (user_id, merge_id, original_id) do nothing`,
);

/** The other account may have got tasks since it was restored. */
const renumberStatement = defineStatement<Move & { firstId: number }>(
  'moved_things.renumber',
  (p) => sql`
    with taken as materialized (
      select original_id, row_number() over (order by original_id) as place
      from account_merge_tasks
      where user_id = ${p.userId}::uuid and merge_id = ${p.mergeId}::uuid and exists (
        select from tasks where user_id = ${p.mergedUserId}::uuid and tasks.id = original_id)
    ), free as materialized (${freeIds(p, sql`(select count(*) from taken)`)})
    update account_merge_tasks as came set original_id = free.id
    from taken join free on free.place = taken.place
    where came.user_id = ${p.userId}::uuid and came.merge_id = ${p.mergeId}::uuid
      and came.original_id = taken.original_id`,
);

/** Updates of tasks change counts that are there; whoever never had a task has none. */
const ensureCountsStatement = defineStatement<{ userId: string }>(
  'moved_things.ensure_counts',
  (p) => sql`
    insert into task_counts (user_id) values (${p.userId}::uuid)
    on conflict (user_id) do nothing`,
);

interface BatchKey extends Move {
  afterId: number;
  limit: number;
}

interface BatchResult {
  moved: number;
  /** null: there is nothing left. */
  last: number | null;
}

const batchOf = (p: BatchKey) => sql`
  select original_id, task_id, task_created_at from account_merge_tasks
  where user_id = ${p.userId}::uuid and merge_id = ${p.mergeId}::uuid
    and original_id > ${p.afterId}::bigint
  order by original_id limit ${p.limit}::int`;

const bringStatement = defineStatement<BatchKey, BatchResult>(
  'moved_things.bring',
  (p) => sql`
    with batch as materialized (${batchOf(p)}), moved as (
      update tasks set user_id = ${p.userId}::uuid, id = batch.task_id from batch
      where tasks.user_id = ${p.mergedUserId}::uuid and tasks.id = batch.original_id
        and tasks.created_at = batch.task_created_at
      returning 1
    )
    select (select count(*) from moved) as moved, (select max(original_id) from batch) as last`,
);

const returnStatement = defineStatement<BatchKey, BatchResult>(
  'moved_things.return',
  (p) => sql`
    with batch as materialized (${batchOf(p)}), moved as (
      update tasks set user_id = ${p.mergedUserId}::uuid, id = batch.original_id from batch
      where tasks.user_id = ${p.userId}::uuid and tasks.id = batch.task_id
        and tasks.created_at = batch.task_created_at
      returning 1
    )
    select (select count(*) from moved) as moved, (select max(original_id) from batch) as last`,
);

const bringIdentitiesStatement = defineStatement<Move>(
  'moved_things.bring_identities',
  (p) => sql`
    with moved as (
      update user_auth_providers set user_id = ${p.userId}::uuid
      where user_id = ${p.mergedUserId}::uuid returning id
    )
    insert into account_merge_identities (user_id, merge_id, identity_id)
    select ${p.userId}::uuid, ${p.mergeId}::uuid, id from moved`,
);

const returnIdentitiesStatement = defineStatement<Move>(
  'moved_things.return_identities',
  (p) => sql`
    update user_auth_providers set user_id = ${p.mergedUserId}::uuid
    from account_merge_identities as came
    where came.user_id = ${p.userId}::uuid and came.merge_id = ${p.mergeId}::uuid
      and user_auth_providers.user_id = ${p.userId}::uuid
      and user_auth_providers.id = came.identity_id`,
);

/**
 * Moves every task of the merged account to the one that stays, and notes under which id it came. One
 * whose id that account has already gets another, from `firstId` on. Answers how many came.
 */
export async function bringTasks(db: Queryable, move: Move, firstId: number): Promise<number> {
  await db.run(holdComingStatement(move));
  await db.execute(recordStatement({ ...move, firstId }));
  await db.execute(ensureCountsStatement({ userId: move.userId }));
  return inBatches(async (batch) => (await db.run(bringStatement({ ...move, ...batch })))[0]);
}

/** Moves the tasks that came, and are still there, back to where they came from, as they are now. */
export async function returnTasks(db: Queryable, move: Move, firstId: number): Promise<number> {
  await db.run(holdReturningStatement(move));
  await db.execute(renumberStatement({ ...move, firstId }));
  await db.execute(ensureCountsStatement({ userId: move.mergedUserId }));
  return inBatches(async (batch) => (await db.run(returnStatement({ ...move, ...batch })))[0]);
}

/** Moves every connected account, and notes which came; answers how many. */
export function bringIdentities(db: Queryable, move: Move): Promise<number> {
  return db.execute(bringIdentitiesStatement(move));
}

/** Moves the connected accounts back that came and are still there; answers how many. */
export function returnIdentities(db: Queryable, move: Move): Promise<number> {
  return db.execute(returnIdentitiesStatement(move));
}

async function inBatches(
  moveSome: (batch: { afterId: number; limit: number }) => Promise<BatchResult | undefined>,
): Promise<number> {
  let [count, afterId] = [0, 0];
  for (;;) {
    const batch = await moveSome({ afterId, limit: BATCH });
    if (!batch || batch.last === null) return count;
    count += batch.moved;
    afterId = batch.last;
  }
}
