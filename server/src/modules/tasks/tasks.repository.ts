import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

export const TASK_STATUSES = ['pending', 'in_progress', 'completed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const BULK_ACTIONS = ['complete', 'reopen', 'delete', 'restore'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** A task; times are text as PostgreSQL prints them. */
export interface TaskRow {
  id: number;
  title: string;
  description: string | null;
  status: TaskStatus;
  completed_at: string | null;
  version: number;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

/** One task of one user. */
export interface TaskKey {
  userId: string;
  id: number;
}

/** A write that holds only for some versions; null: for any. */
interface Conditional extends TaskKey {
  versions: number[] | null;
}

export interface NewTaskRow extends TaskKey {
  title: string;
  description: string | null;
  status: TaskStatus;
}

/** What changes; null keeps title and status, and `hasDescription` says whether the description counts. */
export interface TaskChanges extends Conditional {
  title: string | null;
  hasDescription: boolean;
  description: string | null;
  status: TaskStatus | null;
  /** Completes or reopens, instead of `status`; a task that is so already keeps its status. */
  isCompleted: boolean | null;
}

export interface BulkResultRow {
  affected: number;
  missing: number[];
}

export const TASK_COLUMNS = [
  'id',
  'title',
  'description',
  'status',
  'completed_at',
  'version',
  'created_at',
  'updated_at',
  'deleted_at',
] as const;

/** Later than every change before, even within one millisecond. */
const NEXT_UPDATED_AT = sql<string>`greatest(now(), updated_at + interval '1 millisecond')`;

const findStatement = defineStatement<TaskKey, TaskRow>('tasks.find', (p) =>
  builder
    .selectFrom('tasks')
    .select(TASK_COLUMNS)
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id),
);

const insertStatement = defineStatement<NewTaskRow, TaskRow>('tasks.insert', (p) =>
  builder
    .insertInto('tasks')
    .values({
      user_id: p.userId,
      id: p.id,
      title: p.title,
      description: p.description,
      status: p.status,
      completed_at: sql`case when ${p.status}::text = 'completed' then now() end`,
    })
    .onConflict((conflict) => conflict.columns(['user_id', 'id']).doNothing())
    .returning(TASK_COLUMNS),
);

const updateStatement = defineStatement<TaskChanges, TaskRow>('tasks.update', (p) => {
  const title = sql<string>`coalesce(${p.title}::text, title)`;
  const description = sql<
    string | null
  >`case when ${p.hasDescription}::boolean then ${p.description}::text else description end`;
  const status = sql<TaskStatus>`case when is_open = ${p.isCompleted}::boolean
    then case when is_open then 'completed' else 'pending' end else coalesce(${p.status}::text, status) end`;
  const isChanged = sql<boolean>`((title, description, status) is distinct from (${title}, ${description}, ${status}))`;
  return builder
    .updateTable('tasks')
    .set({
      title,
      description,
      status,
      completed_at: sql`case when ${status} = 'completed' then coalesce(completed_at, now()) end`,
      version: sql`version + ${isChanged}::int`,
      updated_at: sql`case when ${isChanged} then ${NEXT_UPDATED_AT} else updated_at end`,
    })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null)
    .where(versionMatches(p.versions))
    .returning(TASK_COLUMNS);
});

type CompletionChange = Conditional & { isCompleted: boolean };

const completionStatement = defineStatement<CompletionChange, TaskRow>('tasks.complete', (p) => {
  const isChanged = sql<boolean>`(is_open = ${p.isCompleted}::boolean)`;
  return builder
    .updateTable('tasks')
    .set({
      status: sql`case when not ${isChanged} then status when is_open then 'completed' else 'pending' end`,
      completed_at: sql`case when ${p.isCompleted}::boolean then coalesce(completed_at, now()) end`,
      version: sql`version + ${isChanged}::int`,
      updated_at: sql`case when ${isChanged} then ${NEXT_UPDATED_AT} else updated_at end`,
    })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null)
    .where(versionMatches(p.versions))
    .returning(TASK_COLUMNS);
});

const toggleStatement = defineStatement<TaskKey, TaskRow>('tasks.toggle', (p) =>
  builder
    .updateTable('tasks')
    .set({
      status: sql`case when is_open then 'completed' else 'pending' end`,
      completed_at: sql`case when is_open then now() end`,
      version: sql`version + 1`,
      updated_at: NEXT_UPDATED_AT,
    })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null)
    .returning(TASK_COLUMNS),
);

const trashStatement = defineStatement<Conditional, TaskRow>('tasks.trash', (p) =>
  builder
    .updateTable('tasks')
    .set({ deleted_at: sql`now()`, version: sql`version + 1`, updated_at: NEXT_UPDATED_AT })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null)
    .where(versionMatches(p.versions))
    .returning(TASK_COLUMNS),
);

const restoreStatement = defineStatement<Conditional, TaskRow>('tasks.restore', (p) =>
  builder
    .updateTable('tasks')
    .set({ deleted_at: null, version: sql`version + 1`, updated_at: NEXT_UPDATED_AT })
    .where('user_id', '=', p.userId)
    .where('id', '=', p.id)
    .where('deleted_at', 'is not', null)
    .where(versionMatches(p.versions))
    .returning(TASK_COLUMNS),
);

function versionMatches(versions: number[] | null) {
  return sql<boolean>`(${versions}::int[] is null or version = any(${versions}::int[]))`;
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

const countStatement = defineStatement<{ userId: string }, Record<string, number>>(
  'tasks.count',
  (p) =>
    builder
      .selectFrom('task_counts')
      .select(['pending', 'in_progress', 'completed', 'trashed'])
      .where('user_id', '=', p.userId),
);

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

/** The task, in the trash or not. */
export async function findTask(db: Queryable, key: TaskKey): Promise<TaskRow | undefined> {
  return (await db.run(findStatement(key)))[0];
}

/** Adds a task; undefined where the user has one with the id already. */
export async function insertTask(db: Queryable, task: NewTaskRow): Promise<TaskRow | undefined> {
  return (await db.run(insertStatement(task)))[0];
}

/** Changes a task outside the trash; what is the same already leaves version and time alone. */
export async function updateTask(
  db: Queryable,
  changes: TaskChanges,
): Promise<TaskRow | undefined> {
  return (await db.run(updateStatement(changes)))[0];
}

/** Completes or reopens a task outside the trash; one that is so already is left alone. */
export async function setCompletion(
  db: Queryable,
  change: CompletionChange,
): Promise<TaskRow | undefined> {
  return (await db.run(completionStatement(change)))[0];
}

/** Completes a task outside the trash that is open, and reopens one that is not. */
export async function toggleCompletion(db: Queryable, key: TaskKey): Promise<TaskRow | undefined> {
  return (await db.run(toggleStatement(key)))[0];
}

/** Moves a task to the trash; undefined where it is in there already. */
export async function trashTask(db: Queryable, target: Conditional): Promise<TaskRow | undefined> {
  return (await db.run(trashStatement(target)))[0];
}

/** Takes a task out of the trash; undefined where it is not in there. */
export async function restoreTask(
  db: Queryable,
  target: Conditional,
): Promise<TaskRow | undefined> {
  return (await db.run(restoreStatement(target)))[0];
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

/** How many tasks the user has by state; kept by the database, so it does not grow with them. */
export async function countTasks(
  db: Queryable,
  userId: string,
): Promise<Record<string, number> | undefined> {
  return (await db.run(countStatement({ userId })))[0];
}

/** Deletes for good up to `limit` tasks that are in the trash for `keepDays`; answers how many. */
export async function deleteOldTrash(
  db: Queryable,
  keepDays: number,
  limit: number,
): Promise<number> {
  return (await db.run(purgeStatement({ keepDays, limit }))).length;
}
