import { type RawBuilder, sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';
import { TASK_COLUMNS, type TaskRow, type TaskStatus } from './tasks.repository.ts';

/** Part of a user's tasks outside the trash. */
export interface TaskSliceQuery {
  userId: string;
  status?: TaskStatus;
  isOpen?: boolean;
  /** How many to leave out at the start. */
  offset: number;
  /** Most rows to answer; null: all of them. */
  limit: number | null;
}

interface Arguments {
  userId: string;
  status: TaskStatus;
  offset: number;
  limit: number | null;
}

const columns = sql.join(TASK_COLUMNS.map((column) => sql.ref(column)));
const NEWEST_FIRST = sql`created_at desc, id desc`;

function scan(userId: string, condition: RawBuilder<unknown>): RawBuilder<TaskRow> {
  return sql<TaskRow>`select ${columns} from tasks
    where user_id = ${userId}::uuid and deleted_at is null and ${condition}`;
}

/** Each is the order of an index: whatever the number of tasks, nothing is sorted. */
const SLICES = {
  any: ({ userId }: Arguments) =>
    sql<TaskRow>`${scan(userId, sql`true`)} order by is_open desc, ${NEWEST_FIRST}`,
  open: ({ userId }: Arguments) =>
    sql<TaskRow>`${scan(userId, sql`is_open`)} order by ${NEWEST_FIRST}`,
  done: ({ userId }: Arguments) =>
    sql<TaskRow>`${scan(userId, sql`not is_open`)} order by ${NEWEST_FIRST}`,
  status: ({ userId, status }: Arguments) =>
    sql<TaskRow>`${scan(userId, sql`status = ${status}::text`)} order by ${NEWEST_FIRST}`,
};
type Filter = keyof typeof SLICES;

/** Apart from each other, because one plan does not suit a page and the whole list alike. */
const statements = Object.fromEntries(
  (Object.keys(SLICES) as Filter[]).map((filter) => [
    filter,
    {
      all: defineStatement<Arguments, TaskRow>(`tasks.all.${filter}`, SLICES[filter]),
      page: defineStatement<Arguments, TaskRow>(
        `tasks.slice.${filter}`,
        (p) =>
          sql<TaskRow>`${SLICES[filter](p)} limit ${p.limit}::bigint offset ${p.offset}::bigint`,
      ),
    },
  ]),
) as Record<Filter, Record<'all' | 'page', ReturnType<typeof defineStatement<Arguments, TaskRow>>>>;

const newestStatement = defineStatement<{ userId: string }, TaskRow>(
  'tasks.all.newest',
  ({ userId }) => sql<TaskRow>`select * from (
      (${scan(userId, sql`is_open`)} order by ${NEWEST_FIRST})
      union all (${scan(userId, sql`not is_open`)} order by ${NEWEST_FIRST})
    ) as merged order by ${NEWEST_FIRST}`,
);

/** Tasks by their place in the list, open ones first, then newest first. */
export function listTaskSlice(db: Queryable, query: TaskSliceQuery): Promise<TaskRow[]> {
  const { userId, status = 'pending', offset, limit } = query;
  const kind = limit === null && offset === 0 ? 'all' : 'page';
  return db.run(statements[filterOf(query)][kind]({ userId, status, offset, limit }));
}

/** All tasks outside the trash, newest first, whatever their status. */
export function listNewestTasks(db: Queryable, userId: string): Promise<TaskRow[]> {
  return db.run(newestStatement({ userId }));
}

function filterOf({ status, isOpen }: TaskSliceQuery): Filter {
  if (status !== undefined) return 'status';
  if (isOpen === undefined) return 'any';
  return isOpen ? 'open' : 'done';
}
