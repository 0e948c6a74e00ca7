import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as tasks from '../../src/modules/tasks/tasks.repository.ts';
import type { Database } from '../../src/platform/postgres/database.ts';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/platform/postgres/embedded/embedded-postgres.ts';
import { DatabaseUnavailable } from '../../src/platform/postgres/errors.ts';
import { migrate } from '../../src/platform/postgres/migrations.ts';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { openTestPool } from '../harness/database.ts';

const WRITERS = 8;
const RECOVERY_MS = 20_000;

let directory: string;
let postgres: EmbeddedPostgres;
let userId: string;
let db: Database;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'docket-restart-'));
  postgres = await startEmbeddedPostgres({ dataDir: directory, log: () => {}, role: 'server' });
  const servingRole = postgres.serving.user;
  await migrate({ ownerConnection: postgres.owner, servingRole, log: () => {} });
  db = openTestPool(postgres.serving, { poolMax: WRITERS, statementTimeoutMs: 1_000 });
  userId = randomUUID();
  await db.execute(
    adhoc(sql`insert into users (id, email, email_canonical) values (${userId}, 'a', 'a')`),
  );
});
afterAll(async () => {
  await db.close();
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

interface Load {
  /** Ids and titles whose storing was answered with success. */
  acknowledged: Map<number, string>;
  /** Everything else that happened. */
  failures: unknown[];
  wrongAnswers: string[];
  isStopped: boolean;
}

let nextId = 1;

/** Adds tasks and reads them back, over and over, alone and in transactions. */
async function work(load: Load): Promise<void> {
  while (!load.isStopped) {
    const id = nextId++;
    const task = {
      userId,
      id,
      title: `title ${id}`,
      description: null,
      status: 'pending',
    } as const;
    try {
      const row =
        id % 2 === 0
          ? await tasks.insertTask(db, task)
          : await db.transaction((tx) => tasks.insertTask(tx, task));
      if (row?.title !== task.title) load.wrongAnswers.push(`inserted ${id}: ${row?.title}`);
      load.acknowledged.set(id, task.title);
      const found = await tasks.findTask(db, { userId, id });
      if (found?.title !== task.title) load.wrongAnswers.push(`found ${id}: ${found?.title}`);
    } catch (error) {
      load.failures.push(error);
      await delay(10);
    }
  }
}

/** Keeps the pool busy, lets `disturb` happen in the middle, and waits until it works again. */
async function underLoad(disturb: () => void): Promise<Load> {
  const load: Load = {
    acknowledged: new Map(),
    failures: [],
    wrongAnswers: [],
    isStopped: false,
  };
  const workers = Array.from({ length: WRITERS }, () => work(load));
  await delay(300);
  const before = load.acknowledged.size;
  expect(before).toBeGreaterThan(0);
  disturb();
  await expect.poll(() => load.failures.length, { timeout: RECOVERY_MS }).toBeGreaterThan(0);
  const after = load.acknowledged.size;
  await expect
    .poll(() => load.acknowledged.size, { timeout: RECOVERY_MS })
    .toBeGreaterThan(after + 100);
  load.isStopped = true;
  await Promise.all(workers);
  return load;
}

/** What must hold after any disturbance. */
async function expectNothingLost(load: Load): Promise<void> {
  expect(load.wrongAnswers).toEqual([]);
  expect(load.failures.filter((failure) => !(failure instanceof DatabaseUnavailable))).toEqual([]);
  const rows = await db.run<{ id: number; title: string }>(
    adhoc(sql`select id, title from tasks where user_id = ${userId}`),
  );
  const stored = new Map(rows.map((row) => [row.id, row.title]));
  const lost = [...load.acknowledged].filter(([id, title]) => stored.get(id) !== title);
  expect(lost).toEqual([]);
  expect(await tasks.countTasks(db, userId)).toMatchObject({ pending: stored.size });
}

describe('a pool under load, while PostgreSQL', { timeout: 60_000 }, () => {
  it('is stopped and started, recovers by itself: no wrong answer, nothing acknowledged lost', async () => {
    const load = await underLoad(() => process.kill(postgres.postmasterPid, 'SIGINT'));
    await expectNothingLost(load);
  });

  it('is killed and started, recovers by itself: no wrong answer, nothing acknowledged lost', async () => {
    const load = await underLoad(() => process.kill(postgres.postmasterPid, 'SIGKILL'));
    await expectNothingLost(load);
  });

  it('loses one process to a crash, recovers by itself: no wrong answer, nothing acknowledged lost', async () => {
    const pid = adhoc(sql<{ pid: number }>`select pg_backend_pid() as pid`);
    const [backend] = await db.run(pid);
    const load = await underLoad(() => process.kill(backend?.pid ?? 0, 'SIGKILL'));
    await expectNothingLost(load);
  });
});

describe('a server that hangs', () => {
  it('is given up after the statement timeout and a margin, and its connection with it', async () => {
    const pid = adhoc(sql<{ pid: number }>`select pg_backend_pid() as pid`);
    const single = openTestPool(postgres.serving, { poolMax: 1, statementTimeoutMs: 200 });
    const [backend] = await single.run(pid);
    if (!backend) throw new Error('no backend');
    process.kill(backend.pid, 'SIGSTOP');
    try {
      const startedAt = performance.now();
      await expect(single.run(pid)).rejects.toMatchObject({ isOutcomeUnknown: true });
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      const [next] = await single.run(pid);
      expect(next?.pid).not.toBe(backend.pid);
    } finally {
      process.kill(backend.pid, 'SIGCONT');
      await single.close();
    }
  });
});
