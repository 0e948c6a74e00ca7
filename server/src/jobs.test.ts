import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../test/harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../test/harness/database.ts';
import { JOBS, runJob, startSchedule } from './jobs.ts';

let database: TestDatabase;
let one: TestApp;
let two: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startTestApp({}, { database });
  two = await startTestApp({}, { database });
});

afterAll(async () => {
  await one?.close();
  await two?.close();
  await database?.drop();
});

function job(name: string) {
  const found = JOBS.find((it) => it.name === name);
  if (!found) throw new Error(`there is no job ${name}`);
  return found;
}

async function trash(count: number, age: string): Promise<string> {
  const { id } = await one.signIn();
  await one.owner.query(
    `INSERT INTO tasks (user_id, id, title, deleted_at)
     SELECT $1, i, 'old', now() - $3::interval FROM generate_series(1, $2::int) AS i`,
    [id, count, age],
  );
  return id;
}

async function left(table: string, userId: string): Promise<number> {
  const { rows } = await one.owner.query(`SELECT count(*)::int FROM ${table} WHERE user_id = $1`, [
    userId,
  ]);
  return rows[0].count;
}

test('a task in the trash is kept 30 days and then deleted for good; the counts follow', async () => {
  const kept = await trash(1, '29 days 23 hours');
  const old = await trash(3, '30 days 1 hour');
  await one.owner.query(
    "INSERT INTO tasks (user_id, id, title) VALUES ($1, 9, 'not in the trash')",
    [old],
  );
  expect(await runJob(one.ctx, job('tasks.purge_trash'))).toBe(3);
  expect([await left('tasks', kept), await left('tasks', old)]).toEqual([1, 1]);
  const { rows } = await one.owner.query(
    'SELECT pending::int, trashed::int FROM task_counts WHERE user_id = $1',
    [old],
  );
  expect(rows[0]).toEqual({ pending: 1, trashed: 0 });
});

test('two processes purge together: more than a batch is deleted, each row by one of them', async () => {
  const old = await trash(1234, '31 days');
  const purge = job('tasks.purge_trash');
  const counts = await Promise.all([runJob(one.ctx, purge), runJob(two.ctx, purge)]);
  expect(counts.reduce((a, b) => a + b)).toBe(1234);
  expect(await left('tasks', old)).toBe(0);
});

test('a session is kept 30 days after its end or expiry, then deleted; one in use stays', async () => {
  const [ada, bob, eve] = [await one.signIn(), await one.signIn(), await one.signIn()];
  const set = (id: string, assignment: string) =>
    one.owner.query(`UPDATE sessions SET ${assignment} WHERE user_id = $1`, [id]);
  await set(ada.id, "ended_at = now() - interval '31 days', end_reason = 'logout'");
  await set(bob.id, "ended_at = now() - interval '29 days', end_reason = 'reuse'");
  expect(await runJob(one.ctx, job('sessions.purge'))).toBe(1);
  await set(bob.id, "idle_expires_at = now() - interval '31 days'");
  expect(await runJob(two.ctx, job('sessions.purge'))).toBe(1);
  const remaining = [
    await left('sessions', ada.id),
    await left('sessions', bob.id),
    await left('sessions', eve.id),
  ];
  expect(remaining).toEqual([0, 0, 1]);
});

test('a job stops between two batches when the process is to end', async () => {
  const old = await trash(600, '31 days');
  one.ctx.isStopping = true;
  const count = await runJob(one.ctx, job('tasks.purge_trash'));
  one.ctx.isStopping = false;
  expect(count).toBeLessThan(600);
  expect(await left('tasks', old)).toBe(600 - count);
});

test('every job has a name of its own, and the schedule stops at once where nothing runs', async () => {
  expect(new Set(JOBS.map((it) => it.name)).size).toBe(JOBS.length);
  await startSchedule(one.ctx).stop();
});
