import { expect, test } from 'vitest';
import { addSession, refreshCookie, TEST_PASSWORD } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { outcomeOf, useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();
const VICTIMS_PASSWORD = 'a password of the victim';

async function resetPassword(email: string) {
  await t.call('POST', '/api/v1/password/forgot', { body: { email } });
  const token = await t.tokenFor(email, 'reset-password');
  const answer = await t.call('POST', '/api/v1/password/reset', {
    body: { token, password: VICTIMS_PASSWORD },
  });
  expect(answer.statusCode).toBe(204);
}

async function statusWith(token: string): Promise<number> {
  return (await t.call('GET', '/api/v1/users/me', { headers: bearer(token) })).statusCode;
}

test('whoever registers the address of somebody else has nothing left once its owner resets the password', async () => {
  const victim = await t.addAccount({ name: 'victim', status: 'unverified' });
  const eve = await addSession(t.ctx, t.owner, victim);
  const body = { name: 'Backup', scopes: ['account:read'] };
  const made = await t.call('POST', '/api/v1/users/me/api-tokens', { as: eve, body });
  const { token } = made.json();
  const email = 'eve@example.org';
  await t.call('PATCH', '/api/v1/users/me', { as: eve, body: { email } });
  const confirm = await t.tokenFor(email, 'confirm-email');
  expect(await statusWith(token)).toBe(200);
  await resetPassword(victim.email);
  await expect.poll(() => statusWith(token)).toBe(401);
  const answers = [
    await t.call('GET', '/api/v1/users/me', { as: eve }),
    await t.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(t.ctx, eve) } }),
    await t.call('POST', '/api/v1/login', {
      body: { email: victim.email, password: TEST_PASSWORD },
    }),
    await t.call('POST', '/api/v1/users/me/email/confirm', { body: { token: confirm } }),
  ];
  expect(answers.map(outcomeOf)).toEqual([
    '401 session.invalid',
    '401 session.invalid',
    '401 credentials.invalid',
    '410 token.expired_or_unknown',
  ]);
  const { rows } = await t.owner.query(
    "SELECT changes FROM audit_events WHERE user_id = $1 AND action = 'api_token.revoked'",
    [victim.id],
  );
  expect(rows).toEqual([{ changes: { count: 1 } }]);
});

test('a reset of an account whose owner had proven the address leaves its API tokens', async () => {
  const { id, email } = await t.addAccount();
  await t.owner.query('UPDATE users SET email_verified_at = now() WHERE id = $1', [id]);
  const { token } = await addApiToken(t.owner, id, ['account:read']);
  await resetPassword(email);
  expect(await statusWith(token)).toBe(200);
});
