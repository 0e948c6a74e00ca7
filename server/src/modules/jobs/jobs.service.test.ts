import { expect, test } from 'vitest';
import { useTestApp } from '../../../test/harness/app.ts';
import { OPERATOR } from '../../auth/actor.ts';
import { jobCounts, listJobs, retryJob } from './jobs.service.ts';

const t = useTestApp();

async function addFailed(queue: string): Promise<string> {
  const { rows } = await t.owner.query(
    `INSERT INTO jobs.job (name, state, data, retry_limit, retry_count, output, completed_on, dead_letter)
     VALUES ($1, 'failed', '{"user_id": "secret"}', 2, 2, '{"message": "no mail server"}', now(), 'dead_letters')
     RETURNING id`,
    [queue],
  );
  const { id } = rows[0];
  await t.owner.query(
    `INSERT INTO jobs.job (name, data, source_name, source_id) VALUES ('dead_letters', '{}', $1, $2)`,
    [queue, id],
  );
  return id;
}

test('jobs are listed by state and queue, newest first, without what they were told', async () => {
  for (let n = 0; n < 3; n++) await t.ctx.jobs.enqueue(t.ctx.db, 'sessions.purge', {});
  const id = await addFailed('tasks.purge_trash');
  const failed = await listJobs(t.ctx, OPERATOR, { state: 'failed' });
  expect(failed).toMatchObject({
    nextCursor: null,
    items: [
      {
        id,
        queue: 'tasks.purge_trash',
        state: 'failed',
        retry_count: 2,
        last_error: 'no mail server',
      },
    ],
  });
  expect(JSON.stringify(failed)).not.toContain('secret');
  const queue = 'sessions.purge' as const;
  const first = await listJobs(t.ctx, OPERATOR, { queue, limit: 2 });
  const cursor = first.nextCursor ?? '';
  const rest = await listJobs(t.ctx, OPERATOR, { queue, limit: 2, cursor });
  expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, null]);
  expect(new Set([...first.items, ...rest.items].map((job) => job.id)).size).toBe(3);
  await expect(listJobs(t.ctx, OPERATOR, { cursor })).rejects.toMatchObject({
    code: 'request.invalid',
  });
});

test('a job that has failed is tried once more, and its dead letter goes; others are not touched', async () => {
  const id = await addFailed('idempotency.purge');
  await retryJob(t.ctx, OPERATOR, id);
  const { rows } = await t.owner.query(
    `SELECT name, state::text, retry_limit, completed_on FROM jobs.job WHERE id = $1 OR source_id = $1`,
    [id],
  );
  expect(rows).toEqual([
    { name: 'idempotency.purge', state: 'retry', retry_limit: 3, completed_on: null },
  ]);
  await expect(retryJob(t.ctx, OPERATOR, id)).rejects.toMatchObject({ code: 'job.not_failed' });
  for (const absent of [crypto.randomUUID(), 'x']) {
    await expect(retryJob(t.ctx, OPERATOR, absent)).rejects.toMatchObject({
      code: 'job.not_found',
    });
  }
});

test('the metrics tell how many jobs wait, run and have failed, by queue', async () => {
  await t.owner.query("UPDATE jobs.queue SET failed_count = 4 WHERE name = 'tasks.purge_trash'");
  const read = jobCounts(t.ctx.db);
  const counts = await read();
  expect(counts).toContainEqual({ queue: 'sessions.purge', state: 'created', count: 3 });
  expect(counts).toContainEqual({ queue: 'tasks.purge_trash', state: 'failed', count: 4 });
  await t.ctx.jobs.enqueue(t.ctx.db, 'sessions.purge', {});
  expect(await read()).toBe(counts);
  const text = (await t.call('GET', '/metrics', { remoteAddress: '127.0.0.1' })).body;
  expect(text).toContain('docket_jobs{queue="sessions.purge",state="created"} 4');
});
