import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

export const TASK_STATUSES = ['pending', 'in_progress', 'completed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

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
export const NEXT_UPDATED_AT = sql<string>`greatest(now(), updated_at + interval '1 millisecond')`;

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

const countStatement = defineStatement<{ userId: string }, Record<string, number>>(
  'tasks.count',
  (p) =>
    builder
      .selectFrom('task_counts')
      .select(['pending', 'in_progress', 'completed', 'trashed'])
      .where('user_id', '=', p.userId),
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

/** How many tasks the user has by state; kept by the database, so it does not grow with them. */
export async function countTasks(
  db: Queryable,
  userId: string,
): Promise<Record<string, number> | undefined> {
  return (await db.run(countStatement({ userId })))[0];
}
