import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

async function createMany(as: TestUser, count: number): Promise<number[]> {
  const { rows } = await t.owner.query<{ id: number }>(
    `INSERT INTO tasks (user_id, id, title) SELECT $1, i, 'Task ' || i
     FROM generate_series(1, $2::int) AS i RETURNING id::int`,
    [as.id, count],
  );
  return rows.map((row) => row.id);
}

function bulk(as: TestUser, action: string, ids: unknown[]) {
  return t.call('POST', '/api/v1/tasks/bulk', { as, body: { action, ids } });
}

async function counts(as: TestUser) {
  return (await t.call('GET', '/api/v1/tasks/counts', { as })).json();
}

test('POST /tasks/bulk › says how many changed and which ids are missing, each once, in the order given', async () => {
  const ada = await t.signIn();
  await createMany(ada, 3);
  const answer = await bulk(ada, 'complete', [999, 2, 2, 1, 500, 999]);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ affected: 2, missing: [999, 500] });
  expect((await bulk(ada, 'complete', [1, 2, 3])).json()).toEqual({ affected: 1, missing: [] });
});

test('POST /tasks/bulk › complete and reopen set status and completed_at; what is so already keeps its version', async () => {
  const ada = await t.signIn();
  const ids = await createMany(ada, 2);
  await t.call('PATCH', '/api/v1/tasks/1', { as: ada, body: { status: 'in_progress' } });
  expect((await bulk(ada, 'reopen', ids)).json()).toEqual({ affected: 0, missing: [] });
  expect((await bulk(ada, 'complete', ids)).json().affected).toBe(2);
  const done = (await t.call('GET', '/api/v1/tasks/1', { as: ada })).json();
  expect(done).toMatchObject({ status: 'completed', version: 3 });
  expect(done.completed_at).not.toBeNull();
  expect((await bulk(ada, 'reopen', ids)).json().affected).toBe(2);
  const open = (await t.call('GET', '/api/v1/tasks/1', { as: ada })).json();
  expect(open).toMatchObject({ status: 'pending', completed_at: null, version: 4 });
});

test('POST /tasks/bulk › trashed tasks are missing, except to restore, which leaves others alone', async () => {
  const ada = await t.signIn();
  const ids = await createMany(ada, 3);
  expect((await bulk(ada, 'delete', [1, 2])).json()).toEqual({ affected: 2, missing: [] });
  for (const action of ['delete', 'complete', 'reopen']) {
    expect((await bulk(ada, action, [1])).json()).toEqual({ affected: 0, missing: [1] });
  }
  expect((await bulk(ada, 'restore', [...ids, 4])).json()).toEqual({ affected: 2, missing: [4] });
});

test("POST /tasks/bulk › another person's ids are missing, and their rows unchanged", async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  await createMany(ada, 2);
  for (const action of ['complete', 'reopen', 'delete', 'restore']) {
    expect((await bulk(bob, action, [1, 2])).json()).toEqual({ affected: 0, missing: [1, 2] });
  }
  expect(await counts(ada)).toEqual({ pending: 2, in_progress: 0, completed: 0, trashed: 0 });
});

test('POST /tasks/bulk › 500 ids are changed at once, 501 are refused whole', async () => {
  const ada = await t.signIn();
  const ids = await createMany(ada, 501);
  expect((await bulk(ada, 'delete', ids)).statusCode).toBe(400);
  expect((await counts(ada)).trashed).toBe(0);
  expect((await bulk(ada, 'delete', ids.slice(1))).json().affected).toBe(500);
});

test.each([
  ['no ids', 'complete', []],
  ['an unknown action', 'purge', [1]],
  ['an id as text', 'complete', ['1']],
  ['an id of zero', 'complete', [0]],
  ['a fraction', 'complete', [1.5]],
  ['null', 'complete', [null]],
])('POST /tasks/bulk › 400 for %s', async (_name, action, ids) => {
  expect((await bulk(await t.signIn(), action, ids)).statusCode).toBe(400);
});

test('POST /tasks/bulk › overlapping calls at once change each task once and none of them fails', async () => {
  const ada = await t.signIn();
  const ids = await createMany(ada, 60);
  const calls = Array.from({ length: 12 }, (_, i) =>
    bulk(ada, 'complete', i % 2 ? ids.toReversed() : ids.slice(i)),
  );
  const answers = await Promise.all(calls);
  expect(answers.map((answer) => answer.statusCode)).toEqual(answers.map(() => 200));
  const affected = answers.reduce((sum, answer) => sum + answer.json().affected, 0);
  expect(affected).toBe(60);
  expect(await counts(ada)).toMatchObject({ pending: 0, completed: 60 });
});

test('GET /tasks/counts › by status and trash, zero for somebody without tasks', async () => {
  const ada = await t.signIn();
  expect(await counts(ada)).toEqual({ pending: 0, in_progress: 0, completed: 0, trashed: 0 });
  await createMany(ada, 5);
  await bulk(ada, 'complete', [1]);
  await bulk(ada, 'delete', [2]);
  await t.call('PATCH', '/api/v1/tasks/3', { as: ada, body: { status: 'in_progress' } });
  expect(await counts(ada)).toEqual({ pending: 2, in_progress: 1, completed: 1, trashed: 1 });
});
