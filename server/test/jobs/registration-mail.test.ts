import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { DOCKET, databaseUrl } from '../harness/docket.ts';
import { type MailServer, startMailServer } from '../harness/mail-server.ts';
import { until } from '../harness/until.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'docket-mail-'));
const children: ChildProcess[] = [];
let database: TestDatabase;
let mails: MailServer;

beforeAll(async () => {
  database = await createTestDatabase();
  mails = await startMailServer();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await mails.close();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

/** Starts a real server; answers it with its address. */
async function serve(...args: string[]): Promise<{ child: ChildProcess; origin: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [DOCKET, 'serve', ...args], {
    env: {
      PATH,
      HOME,
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'warn',
      SECRET_KEY: 'a secret for mails, long enough!!!!',
      DATABASE_URL: databaseUrl(database.serving),
      DATABASE_MIGRATION_URL: databaseUrl(database.owner),
      SMTP_URL: `smtp://127.0.0.1:${mails.port}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await until(() => output.includes('is ready after'), 20_000);
  return { child, origin: /Open +(\S+)/.exec(output)?.[1] ?? '' };
}

test('whoever has registered gets the mail, though the server is killed right after its answer', async () => {
  const email = 'ada@example.org';
  const first = await serve('--no-jobs');
  const answer = await fetch(`${first.origin}/api/v1/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'a password that nobody else has', name: 'Ada' }),
  });
  first.child.kill('SIGKILL');
  expect(answer.status).toBeLessThan(300);
  await once(first.child, 'exit');
  expect(mails.received).toEqual([]);
  await serve();
  const { mail, recipients } = await mails.mailTo(email, 20_000);
  expect(recipients).toEqual([email]);
  expect(mail.text).toContain('http://localhost:');
}, 90_000);
