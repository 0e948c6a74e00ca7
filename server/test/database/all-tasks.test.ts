import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  listNewestTasks,
  listTaskSlice,
  type TaskSliceQuery,
} from '../../src/modules/tasks/all-tasks.repository.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import type { BoundStatement } from '../../src/platform/postgres/statement.ts';
import { useTestDatabase } from '../harness/database.ts';
import { buffersOf, sentBy } from '../harness/plans.ts';

const USER = '00000000-0000-7000-8000-000000000001';
const TASK_COUNT = 12_000;
const LIMIT = 21;
const MODES = ['force_generic_plan', 'force_custom_plan'] as const;
/** A page and the way down the index; reading every task of the user takes thousands. */
const MAX_BUFFERS = 4 * LIMIT;

const database = useTestDatabase();
let owner: pg.Client;

beforeAll(async () => {
  owner = await connectClient(database.owner);
  await owner.query("INSERT INTO users (id, email, email_canonical) VALUES ($1, 'a', 'a')", [USER]);
  await owner.query(
    `INSERT INTO tasks (user_id, id, title, status, completed_at, created_at, deleted_at)
     SELECT $1, n, md5(n::text), status, CASE status WHEN 'completed' THEN now() END,
       now() - n * 7919 % 100000 * interval '1 minute', CASE WHEN n % 4 = 0 THEN now() END
     FROM generate_series(1, $2) n, LATERAL (SELECT CASE WHEN n % 500 < 4 THEN 'in_progress'
       WHEN n % 3 = 0 THEN 'completed' ELSE 'pending' END AS status) AS chosen`,
    [USER, TASK_COUNT],
  );
  await owner.query('VACUUM ANALYZE tasks');
});
afterAll(() => owner.end());

const FILTERS: Partial<TaskSliceQuery>[] = [
  {},
  { isOpen: true },
  { isOpen: false },
  { status: 'pending' },
  { status: 'in_progress' },
  { status: 'completed' },
];

test.each(FILTERS)(
  'the first page of %j costs the same whatever the number of tasks',
  async (filter) => {
    const statement = await sentBy((db) =>
      listTaskSlice(db, { userId: USER, ...filter, offset: 0, limit: LIMIT }),
    );
    for (const mode of MODES) {
      expect(await buffersOf(owner, statement, mode)).toBeLessThan(MAX_BUFFERS);
    }
  },
);

async function planOf(statement: BoundStatement<unknown>): Promise<string> {
  const plan = await owner.query({
    text: `EXPLAIN (FORMAT json) ${statement.text}`,
    values: statement.values,
  });
  return JSON.stringify(plan.rows);
}

test('a page deep in the list is read in the order of the index, not sorted', async () => {
  const statement = await sentBy((db) =>
    listTaskSlice(db, { userId: USER, offset: 5000, limit: LIMIT }),
  );
  expect(await planOf(statement)).not.toContain('"Sort"');
});

test('newest first merges two scans, and holds what is in neither trash nor other lists', async () => {
  const rows = await listNewestTasks(database.db, USER);
  const { rows: expected } = await owner.query(
    'SELECT id FROM tasks WHERE user_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC',
    [USER],
  );
  expect(rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => Number(id)));
});
