import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { useTestDatabase } from '../harness/database.ts';
import { type MailServer, startMailServer } from '../harness/mail-server.ts';
import { until } from '../harness/until.ts';

const PROGRAM = join(import.meta.dirname, '../fixtures/job-process.ts');
const database = useTestDatabase();
const children: ChildProcess[] = [];
let mails: MailServer | undefined;

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await mails?.close();
});

function start(role: string, smtpUrl: string, address: string): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    [PROGRAM, role, JSON.stringify(database.serving), smtpUrl, address],
    { env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  return child;
}

test('a committed change is followed by its mail, though every process is killed on the way', async () => {
  mails = await startMailServer();
  const smtpUrl = `smtp://127.0.0.1:${mails.port}`;
  const address = 'ada@example.org';

  const [, signal] = await once(start('change', smtpUrl, address), 'exit');
  expect(signal).toBe('SIGKILL');
  const users = sql<{ email: string }>`select email from users`;
  expect(await database.db.run(adhoc(users))).toEqual([{ email: address }]);

  const hanging = start('hang', smtpUrl, address);
  let output = '';
  hanging.stdout?.on('data', (chunk) => (output += chunk));
  await until(() => output.includes('begun'), 15_000);
  hanging.kill('SIGKILL');
  await once(hanging, 'exit');
  expect(mails.received).toEqual([]);

  start('send', smtpUrl, address);
  const { mail } = await mails.mailTo(address, 40_000);
  expect(mail.from?.address).toBe('docket@localhost');
  const state = sql<{ state: string }>`select state::text from jobs.job where name = 'test.mail'`;
  await until(async () => (await database.db.run(adhoc(state)))[0]?.state === 'completed');
}, 80_000);
