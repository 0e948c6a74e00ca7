import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listTasks, type TaskListQuery } from '../../src/modules/tasks/task-list.repository.ts';
import { sortKeys, TASK_SORTS, type TaskSort } from '../../src/modules/tasks/task-sort.ts';
import { TASK_STATUSES } from '../../src/modules/tasks/tasks.repository.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { useTestDatabase } from '../harness/database.ts';
import { buffersOf, sentBy } from '../harness/plans.ts';

const USER = '00000000-0000-7000-8000-000000000001';
const TASK_COUNT = 12_000;
const LIMIT = 21;
/**
 * Three scans of a page each, with their ways down the index; of a rare status the planner may read
 * and sort all 72. Reading every task of the user takes thousands.
 */
const MAX_BUFFERS = 8 * LIMIT;
const FREQUENT_WORD_SHARE = 2;

const database = useTestDatabase();
let owner: pg.Client;

beforeAll(async () => {
  owner = await connectClient(database.owner);
  await owner.query(
    `INSERT INTO users (id, email, email_canonical)
     SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n::text, n::text
     FROM generate_series(1, 101) n`,
  );
  // One user with many tasks among others with few, rare statuses, and a full trash.
  await owner.query(
    `INSERT INTO tasks (user_id, id, title, description, status, completed_at, created_at, updated_at, deleted_at)
     SELECT user_id, n, md5(n::text) || CASE WHEN n % $1 = 0 THEN ' frequent' ELSE '' END, 'Größe ' || n, status,
       CASE status WHEN 'completed' THEN now() END, now() - n * 7919 % 100000 * interval '1 minute',
       now() - n * 104729 % 100000 * interval '1 minute', CASE WHEN n % 4 = 0 THEN now() END
     FROM (
       SELECT n, ('00000000-0000-7000-8000-' || lpad((CASE WHEN n <= $2 THEN 1 ELSE 2 + n % 100 END)::text, 12, '0'))::uuid AS user_id,
         CASE WHEN n % 500 < 4 THEN 'in_progress' WHEN n % 3 = 0 THEN 'completed' ELSE 'pending' END AS status
       FROM generate_series(1, $2 + 1000) n
     ) AS rows`,
    [FREQUENT_WORD_SHARE, TASK_COUNT],
  );
  await owner.query('VACUUM ANALYZE tasks');
});
afterAll(() => owner.end());

type Filter = Pick<TaskListQuery, 'status' | 'isOpen'>;
const FILTERS: Filter[] = [
  {},
  { isOpen: true },
  { isOpen: false },
  ...TASK_STATUSES.map((status) => ({ status })),
];
const LISTS = [false, true].flatMap((isTrash) =>
  TASK_SORTS.flatMap((sort) => FILTERS.map((filter) => ({ isTrash, sort, ...filter }))),
);

/** The statement that a list sends. */
function statementOf(query: Omit<TaskListQuery, 'userId'>) {
  return sentBy((db) => listTasks(db, { userId: USER, ...query }));
}

/** Where the last page of a list begins: as its rows come, skipped to near the end. */
async function lastPosition(list: Omit<TaskListQuery, 'userId' | 'limit'>) {
  const all = await listTasks(database.db, { userId: USER, ...list, limit: TASK_COUNT });
  const task = all.at(-LIMIT - 1);
  if (!task) return undefined;
  const row: Record<string, unknown> = { ...task, is_open: task.status !== 'completed' };
  return sortKeys(list.sort).map((key) => row[key]);
}

describe('every list pages at the same cost, whatever the number of tasks', () => {
  it.each(LISTS)('%j, first and last page', async (list) => {
    const after = await lastPosition(list);
    for (const position of [{}, ...(after ? [{ after }] : [])]) {
      const statement = await statementOf({ ...list, ...position, limit: LIMIT });
      expect(await buffersOf(owner, statement, 'force_generic_plan')).toBeLessThan(MAX_BUFFERS);
      expect(await buffersOf(owner, statement, 'force_custom_plan')).toBeLessThan(MAX_BUFFERS);
    }
  });
});

describe('a search', () => {
  async function search(words: string[], sort: TaskSort = 'default') {
    const statement = await statementOf({ isTrash: false, sort, limit: LIMIT, words });
    const plan = await owner.query({
      text: `EXPLAIN (ANALYZE, FORMAT json) ${statement.text}`,
      values: statement.values,
    });
    const rows = await listTasks(database.db, {
      userId: USER,
      isTrash: false,
      sort,
      limit: LIMIT,
      words,
    });
    return { plan: JSON.stringify(plan.rows), titles: rows.map((row) => row.title) };
  }

  it('for a rare word reads the search index', async () => {
    const { rows } = await owner.query("SELECT md5('4001') AS title");
    const { plan, titles } = await search([rows[0].title.slice(3, 15).toUpperCase()]);
    expect(titles).toEqual([rows[0].title]);
    expect(plan).toContain('tasks_search_idx');
  });

  it('for a frequent word reads the order of the list', async () => {
    const { plan, titles } = await search(['frequent']);
    expect(titles).toHaveLength(LIMIT);
    expect(plan).toContain('tasks_default_order_idx');
    expect(plan).not.toContain('tasks_search_idx');
  });

  it('finds words in any case and script, and the words of one or two letters', async () => {
    const { rows } = await owner.query("SELECT md5('4001') AS title");
    expect((await search(['GRÖSSE'])).titles).toEqual([]);
    expect((await search(['grÖßE', rows[0].title.slice(3, 15)])).titles).toEqual([rows[0].title]);
    expect((await search(['f', 'Ö'])).titles).toHaveLength(LIMIT);
    expect((await search(['zz', 'g'])).titles).toEqual([]);
  });
});
