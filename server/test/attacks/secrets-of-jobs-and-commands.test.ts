import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OPERATOR } from '../../src/auth/actor.ts';
import { ensureAdministrator } from '../../src/commands/admin-create.ts';
import { startJobs } from '../../src/jobs.ts';
import { makeResetLink } from '../../src/modules/users/reset-link.service.ts';
import { createLog } from '../../src/platform/log.ts';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { type MailedApp, startMailedApp } from '../harness/mails.ts';
import { until } from '../harness/until.ts';

const lines: string[] = [];
const log = createLog('debug', { write: (line: string) => void lines.push(line) });
let t: MailedApp;

beforeAll(async () => {
  t = await startMailedApp({}, { log });
});
afterAll(() => t?.close());

function tokenIn(text: string): string | undefined {
  return /\/reset-password#([\w-]{43})/.exec(text)?.[1];
}

test('jobs that mail links, and those that fail at it, leave no secret in log, job list or rows', async () => {
  const { id, email } = await t.addAccount();
  const root = await t.signIn('root', ['admin', 'user']);
  const runner = await startJobs(t.ctx, t.database.serving);
  await t.call('POST', '/api/v1/password/forgot', { body: { email } });
  await until(
    async () => tokenIn(t.mailServer.received.map(({ mail }) => mail.text).join('')) !== undefined,
    15_000,
  );
  const token = tokenIn(t.mailServer.received.map(({ mail }) => mail.text).join('')) ?? '';
  const sending = vi.spyOn(t.ctx.mailer, 'send').mockRejectedValue(new Error('injected'));
  await t.call('POST', '/api/v1/password/forgot', { body: { email } });
  await until(async () => lines.some((line) => line.includes('job failed')), 15_000);
  const mailed = sending.mock.calls.map(([mail]) => mail.text).join('');
  sending.mockRestore();
  await runner.stop(1000);
  const failedToken = tokenIn(mailed) ?? '';
  const list = await t.call('GET', '/api/v1/admin/jobs', { as: root });
  const { rows } = await t.owner.query('SELECT data, output FROM jobs.job');
  const seen = `${lines.join('')}${list.body}${JSON.stringify(rows)}`;
  expect(list.json().items.length).toBeGreaterThan(0);
  for (const secret of [token, failedToken]) {
    expect(secret).toHaveLength(43);
    expect(seen).not.toContain(secret);
  }
  expect(list.body).not.toContain(email);
  expect(lines.join('')).not.toContain(email);
  expect(list.body).not.toContain(id);
});

test('commands that set passwords or make links leave neither in the log', async () => {
  const { id } = await t.addAccount();
  lines.length = 0;
  const options = { email: 'operator@example.org', password: TEST_PASSWORD };
  await ensureAdministrator(t.ctx, options);
  await expect(ensureAdministrator(t.ctx, { ...options, email: 'x' })).rejects.toThrow();
  const link = await makeResetLink(t.ctx, OPERATOR, id);
  const text = lines.join('');
  expect(text).not.toContain(TEST_PASSWORD);
  expect(text).not.toContain(link.split('#')[1]);
  expect(text).not.toMatch(/\$2b\$/);
});
