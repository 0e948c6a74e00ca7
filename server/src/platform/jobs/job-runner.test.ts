import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { until } from '../../../test/harness/until.ts';
import { adhoc } from '../postgres/statement.ts';
import { DEFAULT_POLICY, type JobPolicy } from './job-policy.ts';
import { JobQueue } from './job-queue.ts';
import { type Attempt, JobRunner } from './job-runner.ts';

type Payloads = Record<string, { n: number }>;

const database = useTestDatabase();
const running: JobRunner[] = [];
const errors: Error[] = [];
let named = 0;

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop(5000)));
  expect(errors.splice(0)).toEqual([]);
});

/** A kind of job that no other test has, and its queue. */
async function declare(policy: Partial<JobPolicy> = {}) {
  const name = `test.job_${++named}`;
  const full = { ...DEFAULT_POLICY, pollSeconds: 0.5, ...policy };
  const queue = new JobQueue<Payloads>(database.db, new Map([[name, full]]));
  await queue.start();
  const start = async (
    run: (attempt: Attempt) => Promise<void>,
    schedule: string | null = null,
  ) => {
    const runner = new JobRunner({
      connection: database.serving,
      jobs: [{ name, policy: full, schedule, run }],
      onError: (error) => void errors.push(error),
      superviseSeconds: 1,
    });
    running.push(runner);
    await runner.start();
    return runner;
  };
  return { name, queue, start };
}

async function jobs(name: string) {
  return database.db.run(
    adhoc(
      sql<{ state: string; retry_count: number; pause: number | null; output: unknown }>`
        select state, retry_count, output,
          extract(epoch from start_after - now())::float8 as pause
        from jobs.job where name = ${name} order by created_on`,
    ),
  );
}

test('a job added in a transaction exists if and only if that commits', async () => {
  const { name, queue, start } = await declare();
  const seen: unknown[] = [];
  await start(async ({ payload }) => void seen.push(payload));
  const lost = database.db.transaction(async (tx) => {
    await queue.enqueue(tx, name, { n: 1 });
    throw new Error('changed my mind');
  });
  await expect(lost).rejects.toThrow('changed my mind');
  await database.db.transaction((tx) => queue.enqueue(tx, name, { n: 2 }));
  await until(() => seen.length > 0);
  expect(seen).toEqual([{ n: 2 }]);
  await until(async () => (await jobs(name))[0]?.state === 'completed');
});

test('a job starts within about a second of its commit', async () => {
  const { name, queue, start } = await declare();
  let startedAt = 0;
  await start(async () => {
    startedAt = performance.now();
  });
  const committedAt = performance.now();
  await queue.enqueue(database.db, name, { n: 1 });
  await until(() => startedAt > 0);
  expect(startedAt - committedAt).toBeLessThan(1500);
});

test('an attempt that fails is repeated after a growing pause, and ends as a dead letter', async () => {
  const { name, queue, start } = await declare({ retryLimit: 2, retryDelaySeconds: 1 });
  const at: number[] = [];
  await start(async () => {
    at.push(performance.now());
    throw new Error('the mail server is away');
  });
  await queue.enqueue(database.db, name, { n: 7 });
  await until(async () => (await jobs(name))[0]?.state === 'failed', 15_000);
  expect(await jobs(name)).toMatchObject([
    { retry_count: 2, output: { message: 'the mail server is away' } },
  ]);
  expect(at).toHaveLength(3);
  const [first = 0, second = 0, third = 0] = at;
  expect(second - first).toBeGreaterThan(900);
  expect(third - second).toBeGreaterThan(1900);
  const dead = await database.db.run(
    adhoc(sql<{ data: unknown }>`select data from jobs.job
      where name = 'dead_letters' and source_name = ${name}`),
  );
  expect(dead).toEqual([{ data: { n: 7 } }]);
});

test('two processes never run one job at once', async () => {
  const { name, queue, start } = await declare({ concurrency: 3 });
  const runs = new Map<number, number>();
  const run = async ({ payload }: Attempt) => {
    const { n } = payload as { n: number };
    runs.set(n, (runs.get(n) ?? 0) + 1);
  };
  await Promise.all([start(run), start(run)]);
  for (let n = 0; n < 40; n++) await queue.enqueue(database.db, name, { n });
  await until(() => runs.size === 40, 10_000);
  expect([...runs.values()]).toEqual(new Array(40).fill(1));
});

test('one failure in a batch repeats that job alone', async () => {
  const { name, queue, start } = await declare({ concurrency: 5 });
  for (let n = 0; n < 5; n++) await queue.enqueue(database.db, name, { n });
  await start(async ({ payload }) => {
    if ((payload as { n: number }).n === 3) throw new Error('no');
  });
  await until(async () => (await jobs(name)).every(({ state }) => state !== 'created'));
  await until(async () => (await jobs(name)).every(({ state }) => state !== 'active'));
  const states = (await jobs(name)).map(({ state }) => state).sort();
  expect(states).toEqual(['completed', 'completed', 'completed', 'completed', 'retry']);
});

test('a job with a key is not added again while it waits', async () => {
  const { name, queue } = await declare();
  const add = (singletonKey?: string) =>
    queue.enqueue(database.db, name, { n: 1 }, singletonKey === undefined ? {} : { singletonKey });
  expect(await add('ada')).toBe(true);
  expect(await add('ada')).toBe(false);
  expect(await add('bob')).toBe(true);
  expect([await add(), await add()]).toEqual([true, true]);
  expect(await jobs(name)).toHaveLength(4);
});

test('a job may wait for its time', async () => {
  const { name, queue } = await declare();
  await queue.enqueue(database.db, name, { n: 1 }, { startAfterSeconds: 60 });
  const [waiting] = await jobs(name);
  expect(waiting?.pause).toBeGreaterThan(55);
});

test('a job that comes by itself is added once for two processes together', async () => {
  const { name, start } = await declare();
  let count = 0;
  const run = async () => {
    count += 1;
  };
  await database.db.execute(adhoc(sql`update jobs.version set cron_on = null`));
  // Due every minute, so that the minute which has just begun is due at once.
  await Promise.all([start(run, '* * * * *'), start(run, '* * * * *')]);
  await until(() => count > 0, 20_000);
  const { length } = await jobs(name);
  expect(length).toBe(count);
  expect(count).toBeLessThanOrEqual(2);
}, 30_000);

test('what still runs when the process ends is handed back', async () => {
  const { name, queue, start } = await declare({ retryDelaySeconds: 1 });
  let hasBegun = false;
  const runner = await start(({ signal }) => {
    hasBegun = true;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  });
  await queue.enqueue(database.db, name, { n: 1 });
  await until(() => hasBegun);
  await runner.stop(100);
  expect(await jobs(name)).toMatchObject([{ state: 'retry' }]);
  let isDone = false;
  await start(async () => {
    isDone = true;
  });
  await until(() => isDone, 10_000);
});

test('an attempt that takes too long is given up and repeated', async () => {
  const { name, queue, start } = await declare({ expireSeconds: 1, retryDelaySeconds: 1 });
  let attempts = 0;
  await start(({ signal }) => {
    attempts += 1;
    if (attempts > 1) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  });
  await queue.enqueue(database.db, name, { n: 1 });
  await until(() => attempts === 2, 15_000);
}, 20_000);

test('jobs that tell of somebody are forgotten in every state, and others stay', async () => {
  const { name, queue, start } = await declare({ retryLimit: 0 });
  await queue.enqueue(database.db, name, { n: 901 });
  await start(async () => {
    throw new Error('no');
  });
  await until(async () => (await jobs(name))[0]?.state === 'failed');
  await queue.enqueue(database.db, name, { n: 901 }, { startAfterSeconds: 60 });
  await queue.enqueue(database.db, name, { n: 902 }, { startAfterSeconds: 60 });
  await queue.forget(database.db, 'n', '901');
  expect(await jobs(name)).toHaveLength(1);
  const dead = sql`select from jobs.job where name = 'dead_letters' and source_name = ${name}`;
  expect(await database.db.run(adhoc(dead))).toEqual([]);
});
