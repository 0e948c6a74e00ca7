import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../harness/app.ts';

interface Task {
  id: number;
  title: string;
  status: string;
  created_at: string;
  updated_at: string;
}

const SORTS = ['default', 'created_at', 'updated_at', 'title'].flatMap((sort) => [
  sort,
  `-${sort}`,
]);
const t = useTestApp();
/** Its first use prepares tables for seconds, which the server would take for overload. */
const graphemes = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
fc.sample(graphemes, 1);

let ada: TestUser;

beforeAll(async () => {
  ada = await t.signIn();
});

/** Few different values, so that many tasks are equal in what they are sorted by. */
const rows = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    title: fc.oneof(
      fc.constantFrom(
        'a',
        'A',
        'ä',
        'Task 2',
        'task 10',
        'Task 02',
        '2',
        'ß',
        '😀',
        'ﬁ',
        '!',
        'a b',
      ),
      graphemes.filter((text) => !text.includes('\0')),
      fc.constant(`${'x'.repeat(200)} beyond what is sorted by`),
    ),
    status: fc.constantFrom('pending', 'in_progress', 'completed'),
    created: fc.integer({ min: 0, max: 3 }),
    updated: fc.integer({ min: 0, max: 3 }),
    isTrash: fc.boolean(),
  }),
  { selector: (row) => row.id, maxLength: 25 },
);

async function store(
  tasks: {
    id: number;
    title: string;
    status: string;
    created: number;
    updated: number;
    isTrash: boolean;
  }[],
) {
  await t.owner.query('DELETE FROM tasks WHERE user_id = $1', [ada.id]);
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title, status, created_at, updated_at, completed_at, deleted_at)
     SELECT $1, id, title, status,
       '2026-01-01T00:00:00Z'::timestamptz + created * interval '1 ms',
       '2026-01-01T00:00:00Z'::timestamptz + updated * interval '1 ms',
       CASE WHEN status = 'completed' THEN now() END, CASE WHEN "isTrash" THEN now() END
     FROM jsonb_to_recordset($2) AS x(id bigint, title text, status text, created int, updated int, "isTrash" boolean)`,
    [ada.id, JSON.stringify(tasks)],
  );
}

async function page(query: Record<string, unknown>) {
  const text = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
  const answer = await t.call('GET', `/api/v1/tasks?${text}`, { as: ada });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as { items: Task[]; next_cursor: string | null };
}

async function walk(query: Record<string, unknown>, limit: number): Promise<Task[]> {
  const all: Task[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next = await page({ ...query, limit, ...(cursor && { cursor }) });
    expect(next.items.length).toBeLessThanOrEqual(limit);
    if (next.next_cursor !== null) expect(next.items).toHaveLength(limit);
    all.push(...next.items);
    cursor = next.next_cursor;
  }
  return all;
}

const filters = fc.record(
  {
    status: fc.constantFrom('pending', 'in_progress', 'completed'),
    completed: fc.boolean(),
    deleted: fc.boolean(),
    q: fc.constantFrom('a', 'task', 'x', '2', '%'),
    created_from: fc.constantFrom('2026-01-01T00:00:00.001Z', '2026-01-01T00:00:00.0015Z'),
    updated_to: fc.constant('2026-01-01T00:00:00.003Z'),
  },
  { requiredKeys: [] },
);

test('walking the pages gives the whole list in its order, each task once, and the other way round its reverse', async () => {
  const cases = fc.asyncProperty(
    rows,
    fc.constantFrom(...SORTS),
    filters,
    fc.integer({ min: 1, max: 7 }),
    async (tasks, sort, filter, limit) => {
      await store(tasks);
      const whole = await page({ ...filter, sort, limit: 100 });
      expect(whole.next_cursor).toBeNull();
      expect(await walk({ ...filter, sort }, limit)).toEqual(whole.items);
      const reverse = sort.startsWith('-') ? sort.slice(1) : `-${sort}`;
      const reversed = await walk({ ...filter, sort: reverse }, limit);
      expect(reversed).toEqual(whole.items.toReversed());
    },
  );
  await fc.assert(cases, { numRuns: 60 });
});

test('the order is the one promised, whatever the data', async () => {
  const keys: Record<string, (task: Task) => (string | number)[]> = {
    default: (task) => [
      task.status === 'completed' ? 1 : 0,
      -Date.parse(task.created_at),
      -task.id,
    ],
    created_at: (task) => [Date.parse(task.created_at), task.id],
    updated_at: (task) => [Date.parse(task.updated_at), task.id],
  };
  const cases = fc.asyncProperty(
    rows,
    fc.constantFrom(...Object.keys(keys)),
    async (tasks, sort) => {
      await store(tasks);
      const { items } = await page({ sort, limit: 100 });
      const present = tasks.filter((task) => !task.isTrash).map((task) => task.id);
      expect(items.map((task) => task.id).sort()).toEqual(present.sort());
      const key = keys[sort];
      const order = items.map((task) => JSON.stringify(key?.(task)));
      const sorted = items.toSorted((a, b) => compare(key?.(a) ?? [], key?.(b) ?? []));
      expect(order).toEqual(sorted.map((task) => JSON.stringify(key?.(task))));
    },
  );
  await fc.assert(cases, { numRuns: 30 });
});

function compare(a: (string | number)[], b: (string | number)[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  if (at === -1) return 0;
  return Number(a[at]) - Number(b[at]);
}

test('a cursor with any change, of another person, sort or filter is 400; another limit is fine', async () => {
  const tasks = [1, 2, 3].map((id) => ({
    id,
    title: 'x',
    status: 'pending',
    created: 0,
    updated: 0,
    isTrash: false,
  }));
  await store(tasks);
  const cursor = (await page({ limit: 1 })).next_cursor ?? '';
  const attempt = async (query: Record<string, string>, as = ada) =>
    (await t.call('GET', `/api/v1/tasks?${new URLSearchParams(query)}`, { as })).statusCode;
  expect(await attempt({ cursor, limit: '2' })).toBe(200);
  expect(await attempt({ cursor }, await t.signIn())).toBe(400);
  const others = [
    ...SORTS.filter((sort) => sort !== 'default').map((sort) => ({ sort })),
    { status: 'pending' },
    { completed: 'false' },
    { deleted: 'true' },
    { q: 'x' },
    { created_from: '2026-01-01T00:00:00Z' },
    { completed_to: '2026-01-01T00:00:00Z' },
  ];
  for (const other of others) expect(await attempt({ cursor, ...other })).toBe(400);
  const tampered = fc.asyncProperty(
    fc.nat({ max: cursor.length - 1 }),
    fc.string({ minLength: 1, maxLength: 2 }),
    async (at, text) => {
      const changed = cursor.slice(0, at) + text + cursor.slice(at + 1);
      if (changed !== cursor) expect(await attempt({ cursor: changed })).toBe(400);
    },
  );
  await fc.assert(tampered, { numRuns: 100 });
});
