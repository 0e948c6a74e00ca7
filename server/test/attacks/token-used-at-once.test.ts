import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { outcomeOf, useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();
const USES = 50;

async function outcomes(use: (i: number) => ReturnType<typeof t.call>): Promise<object> {
  const answers = await Promise.all(Array.from({ length: USES }, (_, i) => use(i)));
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const status = answer.statusCode === 200 ? answer.json().status : outcomeOf(answer);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

async function events(action: string): Promise<number> {
  const { rows } = await t.owner.query('SELECT 1 FROM audit_events WHERE action = $1', [action]);
  return rows.length;
}

test('50 uses of one verification link at once verify once', async () => {
  const body = { email: 'verify@example.org', password: TEST_PASSWORD };
  await t.call('POST', '/api/v1/register', { body });
  const token = await t.tokenFor(body.email, 'verify');
  expect(await outcomes(() => t.call('GET', `/api/v1/verify/${token}`))).toEqual({
    verified: 1,
    already_verified: USES - 1,
  });
  expect(await events('user.verified')).toBe(1);
});

test('50 uses of one reset link at once set one password', async () => {
  const { email } = await t.addAccount();
  await t.call('POST', '/api/v1/password/forgot', { body: { email } });
  const token = await t.tokenFor(email, 'reset-password');
  const reset = (i: number) =>
    t.call('POST', '/api/v1/password/reset', { body: { token, password: `fine password ${i}` } });
  expect(await outcomes(reset)).toEqual({ 204: 1, '410 token.expired_or_unknown': USES - 1 });
  expect(await events('password.reset')).toBe(1);
  expect(await t.deliver()).toHaveLength(1);
}, 60_000);

test('50 uses of one link for a new address at once change it once', async () => {
  const ada = await t.signIn();
  await t.call('PATCH', '/api/v1/users/me', { as: ada, body: { email: 'next@example.org' } });
  const token = await t.tokenFor('next@example.org', 'confirm-email');
  const confirm = () => t.call('POST', '/api/v1/users/me/email/confirm', { body: { token } });
  expect(await outcomes(confirm)).toEqual({ 204: 1, '410 token.expired_or_unknown': USES - 1 });
  expect(await events('email.changed')).toBe(1);
});

test('20 links asked for at once leave one that is good', async () => {
  const { id, email } = await t.addAccount();
  const ask = () => t.call('POST', '/api/v1/password/forgot', { body: { email } });
  await Promise.all(Array.from({ length: 20 }, ask));
  const { rows: jobs } = await t.owner.query(
    "DELETE FROM jobs.job WHERE name = 'mail.reset_password' AND state = 'created' RETURNING data",
  );
  const { runJob } = await import('../../src/jobs.ts');
  await Promise.all(jobs.map(({ data }) => runJob(t.ctx, 'mail.reset_password', data)));
  const { rows } = await t.owner.query(
    'SELECT 1 FROM mailed_tokens WHERE user_id = $1 AND expires_at > now()',
    [id],
  );
  expect([jobs.length, rows.length]).toEqual([20, 1]);
});
