import { type RawBuilder, sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { adhoc, defineStatement, type Statement } from '../../platform/postgres/statement.ts';
import { isAfter, orderOf, type TaskSort } from './task-sort.ts';
import { TASK_COLUMNS, TASK_STATUSES, type TaskRow, type TaskStatus } from './tasks.repository.ts';

/** Which tasks of a user, in which order, from where on. */
export interface TaskListQuery {
  userId: string;
  isTrash: boolean;
  sort: TaskSort;
  /** Most rows to answer. */
  limit: number;
  status?: TaskStatus;
  isOpen?: boolean;
  /** Words that title or description contain, every one of them. */
  words?: string[];
  range?: Partial<Record<RangeName, string>>;
  /** Sort values of the task before the first. */
  after?: readonly unknown[];
}

const RANGES = {
  created_from: sql`created_at >= `,
  created_to: sql`created_at < `,
  updated_from: sql`updated_at >= `,
  updated_to: sql`updated_at < `,
  completed_from: sql`completed_at >= `,
  completed_to: sql`completed_at < `,
};
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

/** Arguments of a list without search and ranges: those come in few shapes, each prepared once. */
interface PlainArguments {
  userId: string;
  limit: number;
  status: TaskStatus;
  after0: unknown;
  after1: unknown;
  after2: unknown;
}

const plainStatements = new Map<string, Statement<PlainArguments, TaskRow>>();

/**
 * A page of tasks. Lists with search or ranges are planned for their values each time: a plan made
 * for any word would be a bad one for most.
 */
export async function listTasks(db: Queryable, query: TaskListQuery): Promise<TaskRow[]> {
  const { status, isOpen } = query;
  if (status !== undefined && isOpen !== undefined) {
    // Status says more: openness either agrees with it or leaves nothing.
    const { isOpen: _, ...narrowed } = query;
    return isOpen === (status !== 'completed') ? listTasks(db, narrowed) : [];
  }
  const isPlain = !query.words?.length && Object.keys(query.range ?? {}).length === 0;
  return db.run(isPlain ? plainStatement(query) : adhoc<TaskRow>(build(query)));
}

function plainStatement(query: TaskListQuery) {
  const { sort, isTrash, isOpen } = query;
  const shape = [
    isTrash ? 'trash' : 'tasks',
    sort.startsWith('-') ? `${sort.slice(1)}_reversed` : sort,
    query.status === undefined ? '' : 'status',
    isOpen === undefined ? '' : isOpen ? 'open' : 'done',
    query.after === undefined ? '' : 'after',
  ].join('.');
  let statement = plainStatements.get(shape);
  if (!statement) {
    statement = defineStatement<PlainArguments, TaskRow>(`tasks.list.${shape}`, (p) =>
      build({
        userId: p.userId,
        isTrash,
        sort,
        limit: p.limit,
        ...(query.status !== undefined && { status: p.status }),
        ...(isOpen !== undefined && { isOpen }),
        ...(query.after !== undefined && { after: [p.after0, p.after1, p.after2] }),
      }),
    );
    plainStatements.set(shape, statement);
  }
  return statement({
    userId: query.userId,
    limit: query.limit,
    status: query.status ?? 'pending',
    after0: query.after?.[0] ?? null,
    after1: query.after?.[1] ?? null,
    after2: query.after?.[2] ?? null,
  });
}

/**
 * The default order has an index of its own. Every other order is read as one ordered scan for each
 * status that is wanted, merged, because the indexes begin with the status: so few indexes serve
 * every order with every filter, at any depth of the list.
 */
function build(query: TaskListQuery): RawBuilder<TaskRow> {
  if (query.status !== undefined) return scan(inOneGroup(query), sql`${query.status}`);
  if (query.sort.endsWith('default')) {
    return scan(query.isOpen === undefined ? query : inOneGroup(query));
  }
  const statuses = TASK_STATUSES.filter(
    (status) => query.isOpen === undefined || query.isOpen === (status !== 'completed'),
  );
  const scans = statuses.map((status) => sql`(${scan(query, sql.lit(status))})`);
  return sql<TaskRow>`select * from (${sql.join(scans, sql` union all `)}) as merged
    order by ${orderOf(query.sort)} limit ${query.limit}`;
}

/**
 * Among tasks that are all open, or all done, the default order is that of creation. Said so, it is
 * read off the index from any position on; with `is_open` in it, rows before the position are too.
 */
function inOneGroup(query: TaskListQuery): TaskListQuery {
  if (!query.sort.endsWith('default')) return query;
  const sort = query.sort === 'default' ? '-created_at' : 'created_at';
  return { ...query, sort, ...(query.after && { after: query.after.slice(1) }) };
}

function scan(query: TaskListQuery, status?: RawBuilder<unknown>): RawBuilder<TaskRow> {
  const conditions = [
    sql`user_id = ${query.userId}::uuid`,
    query.isTrash ? sql`deleted_at is not null` : sql`deleted_at is null`,
  ];
  if (status) conditions.push(sql`status = ${status}::text`);
  if (query.isOpen !== undefined && !status) {
    conditions.push(sql`is_open = ${sql.lit(query.isOpen)}`);
  }
  for (const word of query.words ?? []) conditions.push(contains(word));
  for (const name of RANGE_NAMES) {
    const bound = query.range?.[name];
    if (bound !== undefined) conditions.push(sql`${RANGES[name]}${bound}::timestamptz`);
  }
  if (query.after) conditions.push(isAfter(query.sort, query.after));
  return sql<TaskRow>`select ${sql.join(TASK_COLUMNS.map((column) => sql.ref(column)))}
    from tasks where ${sql.join(conditions, sql` and `)}
    order by ${orderOf(query.sort)} limit ${query.limit}`;
}

/** The expression of the search index; `%`, `_` and `\` in a word stand for themselves. */
function contains(word: string): RawBuilder<unknown> {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`lower((title || E'\n' || coalesce(description, '')) collate natural_order)
    like lower(${pattern}::text collate natural_order)`;
}
