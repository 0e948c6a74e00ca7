import { expect, test } from 'vitest';
import { useTwoTestApps } from '../test/harness/app.ts';
import { JOB_POLICIES, JOBS, runJob, startJobs } from './jobs.ts';

const [one, two] = useTwoTestApps();

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
  expect(await runJob(one.ctx, 'tasks.purge_trash')).toBe(3);
  expect([await left('tasks', kept), await left('tasks', old)]).toEqual([1, 1]);
  const { rows } = await one.owner.query(
    'SELECT pending::int, trashed::int FROM task_counts WHERE user_id = $1',
    [old],
  );
  expect(rows[0]).toEqual({ pending: 1, trashed: 0 });
});

test('two processes purge together: more than a batch is deleted, each row by one of them', async () => {
  const old = await trash(1234, '31 days');
  const purge = 'tasks.purge_trash';
  const counts = await Promise.all([runJob(one.ctx, purge), runJob(two.ctx, purge)]);
  expect(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(1234);
  expect(await left('tasks', old)).toBe(0);
});

test('a session is kept 30 days after its end or expiry, then deleted; one in use stays', async () => {
  const [ada, bob, eve] = [await one.signIn(), await one.signIn(), await one.signIn()];
  const set = (id: string, assignment: string) =>
    one.owner.query(`UPDATE sessions SET ${assignment} WHERE user_id = $1`, [id]);
  await set(ada.id, "ended_at = now() - interval '31 days', end_reason = 'logout'");
  await set(bob.id, "ended_at = now() - interval '29 days', end_reason = 'reuse'");
  expect(await runJob(one.ctx, 'sessions.purge')).toBe(1);
  await set(bob.id, "idle_expires_at = now() - interval '31 days'");
  expect(await runJob(two.ctx, 'sessions.purge')).toBe(1);
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
  const count = await runJob(one.ctx, 'tasks.purge_trash');
  one.ctx.isStopping = false;
  expect(count).toBeLessThan(600);
  expect(await left('tasks', old)).toBe(600 - (count ?? 0));
});

test('every purge comes by itself, and is added once for two processes together', async () => {
  const runners = [
    await startJobs(one.ctx, one.database.serving),
    await startJobs(two.ctx, two.database.serving),
  ];
  const { rows } = await one.owner.query('SELECT name, cron FROM jobs.schedule ORDER BY name');
  const expected = Object.entries(JOBS).flatMap(([name, { schedule }]) =>
    schedule === null ? [] : [{ name, cron: schedule }],
  );
  expect(rows).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
  await Promise.all(runners.map((runner) => runner.stop(1000)));
});

test('a payload of another form, or a job that nobody knows, fails and is not run', async () => {
  await expect(runJob(one.ctx, 'tasks.purge_trash', 'all of it')).rejects.toThrow('another form');
  await expect(runJob(one.ctx, 'constructor')).rejects.toThrow('no such job');
  expect([...JOB_POLICIES.keys()]).toEqual(Object.keys(JOBS));
});
