import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { DOCKET, databaseUrl } from '../../test/harness/docket.ts';
import { until } from '../../test/harness/until.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'docket-worker-'));
let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client(database.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

function start(args: string[], settings: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [DOCKET, ...args], {
    env: {
      PATH,
      HOME,
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'info',
      SECRET_KEY: 'a secret for workers, long enough!!',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '' };
  child.stdout.on('data', (chunk) => (output.text += chunk));
  child.stderr.on('data', (chunk) => (output.text += chunk));
  return { child, output };
}

test('a worker does the jobs of a server without them, and both end on SIGTERM', async () => {
  const urls = {
    DATABASE_URL: databaseUrl(database.serving),
    DATABASE_MIGRATION_URL: databaseUrl(database.owner),
  };
  const server = start(['serve', '--no-jobs'], urls);
  await until(() => server.output.text.includes('is ready after'), 20_000);
  await owner.query(
    `INSERT INTO jobs.job (name, policy, retry_limit, dead_letter)
     VALUES ('sessions.purge', 'standard', 1, 'dead_letters')`,
  );
  const state = async () => (await owner.query('SELECT state::text FROM jobs.job')).rows[0]?.state;
  const schedules = await owner.query('SELECT FROM jobs.schedule');
  expect([await state(), schedules.rowCount]).toEqual(['created', 0]);

  const worker = start(['worker'], urls);
  await until(async () => (await state()) === 'completed', 30_000);
  for (const { child } of [server, worker]) {
    const startedAt = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  }
  expect(worker.output.text).toContain('"job":"sessions.purge"');
  expect(server.output.text).not.toContain('"job":');
}, 90_000);

test('a worker needs a database that is not embedded in a server', async () => {
  const { child, output } = start(['worker']);
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output.text).toContain('A worker needs DATABASE_URL');
}, 20_000);
