import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

interface Row {
  id: number;
  title: string;
  description?: string;
  status?: string;
  created_at?: string;
  updated_at?: string;
  completed_at?: string;
}

async function add(as: TestUser, rows: Row[]) {
  for (const row of rows) {
    const created = row.created_at ?? '2026-01-01T00:00:00Z';
    await t.owner.query(
      `INSERT INTO tasks (user_id, id, title, description, status, created_at, updated_at, completed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        as.id,
        row.id,
        row.title,
        row.description ?? null,
        row.status ?? 'pending',
        created,
        row.updated_at ?? created,
        row.status === 'completed' ? (row.completed_at ?? created) : null,
      ],
    );
  }
}

async function ids(as: TestUser, query: Record<string, string | number | boolean> = {}) {
  const text = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
  const answer = await t.call('GET', `/api/v1/tasks?${text}`, { as });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items.map((task: { id: number }) => task.id);
}

test('the default order is open before completed, then newest first, then the higher id', async () => {
  const ada = await t.signIn();
  await add(ada, [
    { id: 1, title: 'old', created_at: '2026-01-01T00:00:00Z' },
    { id: 2, title: 'done', status: 'completed', created_at: '2026-03-01T00:00:00Z' },
    { id: 3, title: 'new', status: 'in_progress', created_at: '2026-02-01T00:00:00Z' },
    { id: 4, title: 'same time', created_at: '2026-02-01T00:00:00Z' },
  ]);
  expect(await ids(ada)).toEqual([4, 3, 1, 2]);
  expect(await ids(ada, { sort: 'default' })).toEqual([4, 3, 1, 2]);
  expect(await ids(ada, { sort: '-default' })).toEqual([2, 1, 3, 4]);
});

test('sort › by created_at, updated_at and title, each in both directions', async () => {
  const ada = await t.signIn();
  await add(ada, [
    {
      id: 1,
      title: 'Task 10',
      created_at: '2026-01-03T00:00:00Z',
      updated_at: '2026-01-04T00:00:00Z',
    },
    {
      id: 2,
      title: 'éclair',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-05T00:00:00Z',
    },
    {
      id: 3,
      title: 'task 2',
      created_at: '2026-01-02T00:00:00Z',
      updated_at: '2026-01-03T00:00:00Z',
      status: 'completed',
    },
    {
      id: 4,
      title: 'Echo',
      created_at: '2026-01-02T00:00:00Z',
      updated_at: '2026-01-09T00:00:00Z',
    },
  ]);
  const orders = { created_at: [2, 3, 4, 1], updated_at: [3, 1, 2, 4], title: [4, 2, 3, 1] };
  for (const [sort, order] of Object.entries(orders)) {
    expect(await ids(ada, { sort }), sort).toEqual(order);
    expect(await ids(ada, { sort: `-${sort}` }), sort).toEqual(order.toReversed());
  }
});

test('filters › status, completed and trash, also together', async () => {
  const ada = await t.signIn();
  await add(ada, [
    { id: 1, title: 'a' },
    { id: 2, title: 'b', status: 'in_progress' },
    { id: 3, title: 'c', status: 'completed' },
    { id: 4, title: 'd' },
  ]);
  await t.call('DELETE', '/api/v1/tasks/4', { as: ada });
  expect(await ids(ada, { status: 'in_progress' })).toEqual([2]);
  expect(await ids(ada, { completed: false })).toEqual([2, 1]);
  expect(await ids(ada, { completed: true, sort: 'title' })).toEqual([3]);
  expect(await ids(ada, { completed: true, status: 'pending' })).toEqual([]);
  expect(await ids(ada, { completed: false, status: 'pending' })).toEqual([1]);
  expect(await ids(ada, { deleted: true })).toEqual([4]);
  expect(await ids(ada, { deleted: true, status: 'completed', sort: '-title' })).toEqual([]);
});

test('ranges › from is included, to is not, for created, updated and completed times', async () => {
  const ada = await t.signIn();
  await add(ada, [
    { id: 1, title: 'a', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-05-01T00:00:00Z' },
    {
      id: 2,
      title: 'b',
      created_at: '2026-01-02T00:00:00.001Z',
      status: 'completed',
      completed_at: '2026-04-01T12:00:00Z',
    },
    { id: 3, title: 'c', created_at: '2026-01-03T00:00:00Z' },
  ]);
  expect(await ids(ada, { created_from: '2026-01-02T00:00:00.001Z' })).toEqual([3, 2]);
  expect(await ids(ada, { created_from: '2026-01-02T00:00:00.0011Z' })).toEqual([3]);
  expect(await ids(ada, { created_to: '2026-01-03T00:00:00Z', sort: 'created_at' })).toEqual([
    1, 2,
  ]);
  expect(
    await ids(ada, {
      created_from: '2026-01-01T01:00:00+01:00',
      created_to: '2026-01-02T00:00:00Z',
    }),
  ).toEqual([1]);
  expect(await ids(ada, { updated_from: '2026-05-01T00:00:00Z' })).toEqual([1]);
  expect(await ids(ada, { updated_to: '2026-01-02T00:00:00Z' })).toEqual([]);
  expect(
    await ids(ada, {
      completed_from: '2026-04-01T12:00:00Z',
      completed_to: '2026-04-01T12:00:00.001Z',
    }),
  ).toEqual([2]);
  expect(await ids(ada, { completed_to: '2026-04-01T12:00:00Z' })).toEqual([]);
});

test.each([
  '2026-01-01',
  '2026-01-01T00:00:00',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:00:00+23:59',
  '0000-01-01T00:00:00Z',
  `2026-01-01T00:00:00.${'1'.repeat(200)}Z`,
  '+012026-01-01T00:00:00Z',
  'now',
  'infinity',
  '1767225600',
])('ranges › %s is no time of RFC 3339: 400', async (time) => {
  const query = new URLSearchParams({ updated_to: time });
  const answer = await t.call('GET', `/api/v1/tasks?${query}`, { as: await t.signIn() });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors[0].pointer).toBe('/updated_to');
});

test('search › words anywhere in title or description, all of them, whatever their case', async () => {
  const ada = await t.signIn();
  await add(ada, [
    { id: 1, title: 'Water the PLANTS', description: 'on the balcony' },
    { id: 2, title: 'Buy plants', description: 'and Wasser' },
    { id: 3, title: 'ÄRGER mit Straße', description: 'ΣΊΣΥΦΟΣ' },
  ]);
  expect(await ids(ada, { q: 'plants' })).toEqual([2, 1]);
  expect(await ids(ada, { q: 'LANT wa' })).toEqual([2, 1]);
  expect(await ids(ada, { q: '  balcony \u3000 water ' })).toEqual([1]);
  expect(await ids(ada, { q: 'ärger' })).toEqual([3]);
  expect(await ids(ada, { q: 'plants nothing' })).toEqual([]);
  expect(await ids(ada, { q: '' })).toEqual([3, 2, 1]);
  expect(await ids(ada, { q: 'plants', sort: 'title', status: 'pending', limit: 1 })).toEqual([2]);
});

test('search › %, _ and \\ stand for themselves', async () => {
  const ada = await t.signIn();
  await add(ada, [
    { id: 1, title: '100% sure' },
    { id: 2, title: 'snake_case' },
    { id: 3, title: 'C:\\temp' },
    { id: 4, title: "it's 1000 snakeXcase" },
  ]);
  expect(await ids(ada, { q: '0%' })).toEqual([1]);
  expect(await ids(ada, { q: 'e_c' })).toEqual([2]);
  expect(await ids(ada, { q: '\\t' })).toEqual([3]);
  expect(await ids(ada, { q: '%' })).toEqual([1]);
  expect(await ids(ada, { q: "t's" })).toEqual([4]);
});

test('limit › 50 by default, 1 to 100, never clamped', async () => {
  const ada = await t.signIn();
  await t.owner.query(
    "INSERT INTO tasks (user_id, id, title) SELECT $1, i, 'x' FROM generate_series(1, 101) AS i",
    [ada.id],
  );
  expect(await ids(ada)).toHaveLength(50);
  expect(await ids(ada, { limit: 1 })).toHaveLength(1);
  expect(await ids(ada, { limit: 100 })).toHaveLength(100);
  for (const limit of ['0', '101', '-1', '1.5', 'all', '']) {
    const answer = await t.call('GET', `/api/v1/tasks?limit=${limit}`, { as: ada });
    expect([limit, answer.statusCode]).toEqual([limit, 400]);
  }
});

test.each([
  'unknown=1',
  'sort=id',
  'sort=-',
  'status=done',
  'completed=maybe',
  'limit=1&limit=2',
  'q=%00',
  `q=${'x'.repeat(201)}`,
  `q=${'a+'.repeat(11)}`,
  '__proto__=1',
  'cursor=nonsense',
  'cursor=',
])('GET /tasks?%s › 400', async (query) => {
  const answer = await t.call('GET', `/api/v1/tasks?${query}`, { as: await t.signIn() });
  expect(answer.statusCode).toBe(400);
});

test("a list holds one's own tasks and nobody else's", async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  await add(ada, [{ id: 1, title: 'secret' }]);
  await add(bob, [{ id: 2, title: 'secret' }]);
  for (const query of [
    {},
    { q: 'secret' },
    { sort: 'title' },
    { created_from: '2000-01-01T00:00:00Z' },
  ]) {
    expect(await ids(bob, query)).toEqual([2]);
  }
});

test('the last page says that it is the last, also where it is full', async () => {
  const ada = await t.signIn();
  await add(ada, [
    { id: 1, title: 'a' },
    { id: 2, title: 'b' },
  ]);
  const page = (limit: number) => t.call('GET', `/api/v1/tasks?limit=${limit}`, { as: ada });
  expect((await page(2)).json().next_cursor).toBeNull();
  expect((await page(1)).json().next_cursor).toEqual(expect.any(String));
});
