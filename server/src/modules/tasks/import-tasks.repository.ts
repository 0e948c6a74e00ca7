import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';
import type { TaskKey, TaskStatus } from './tasks.repository.ts';

/** A task with a past elsewhere. */
export interface PastTaskRow extends TaskKey {
  title: string;
  description: string | null;
  status: TaskStatus;
  createdAt: string;
  /** The time comes from the source, and not from the place in the file. */
  isCreatedAtKnown: boolean;
  updatedAt: string;
  completedAt: string | null;
}

/** What is stored under the id of a task that was given. */
export interface StoredTwin {
  /** Its place among the tasks that were given. */
  place: number;
  is_created_then: boolean;
  has_equal_content: boolean;
  /** Somebody has changed it since it was stored. */
  is_changed: boolean;
}

/** One list for each column, so that a statement has one text for any number of rows. */
interface Columns {
  userIds: string[];
  ids: number[];
  titles: string[];
  descriptions: (string | null)[];
  statuses: TaskStatus[];
  createdAts: string[];
  updatedAts: string[];
  completedAts: (string | null)[];
}

const insertStatement = defineStatement<Columns, TaskKeyRow>(
  'tasks.import',
  (p) => sql<TaskKeyRow>`
    insert into tasks
      (user_id, id, title, description, status, created_at, updated_at, completed_at)
    select * from unnest(${p.userIds}::uuid[], ${p.ids}::bigint[], ${p.titles}::text[],
      ${p.descriptions}::text[], ${p.statuses}::text[], ${p.createdAts}::timestamptz[],
      ${p.updatedAts}::timestamptz[], ${p.completedAts}::timestamptz[])
    on conflict (user_id, id) do nothing
    returning user_id, id`,
);

interface TaskKeyRow {
  user_id: string;
  id: number;
}

type Comparison = Omit<Columns, 'updatedAts' | 'completedAts'> & { areKnown: boolean[] };

const compareStatement = defineStatement<Comparison, StoredTwin>(
  'tasks.compare_imported',
  (p) => sql<StoredTwin>`
    select given.place::int - 1 as place,
      not given.is_known or tasks.created_at = given.created_at::timestamptz(3) as is_created_then,
      (tasks.title, tasks.description, tasks.status)
        is not distinct from (given.title, given.description, given.status) as has_equal_content,
      tasks.version > 1 as is_changed
    from unnest(${p.userIds}::uuid[], ${p.ids}::bigint[], ${p.titles}::text[],
      ${p.descriptions}::text[], ${p.statuses}::text[], ${p.createdAts}::timestamptz[],
      ${p.areKnown}::boolean[]) with ordinality
      as given (user_id, id, title, description, status, created_at, is_known, place)
    join tasks on tasks.user_id = given.user_id and tasks.id = given.id`,
);

/** Adds those tasks whose id their user has no task with; answers the keys of what was added. */
export async function insertPastTasks(db: Queryable, tasks: PastTaskRow[]): Promise<TaskKey[]> {
  const rows = await db.run(
    insertStatement({
      ...columnsOf(tasks),
      updatedAts: tasks.map((it) => it.updatedAt),
      completedAts: tasks.map((it) => it.completedAt),
    }),
  );
  return rows.map((row) => ({ userId: row.user_id, id: row.id }));
}

/** Compares tasks with what their user has under their ids, in the trash or not. */
export function compareWithStored(db: Queryable, tasks: PastTaskRow[]): Promise<StoredTwin[]> {
  const areKnown = tasks.map((it) => it.isCreatedAtKnown);
  return db.run(compareStatement({ ...columnsOf(tasks), areKnown }));
}

function columnsOf(tasks: PastTaskRow[]) {
  return {
    userIds: tasks.map((it) => it.userId),
    ids: tasks.map((it) => it.id),
    titles: tasks.map((it) => it.title),
    descriptions: tasks.map((it) => it.description),
    statuses: tasks.map((it) => it.status),
    createdAts: tasks.map((it) => it.createdAt),
  };
}
