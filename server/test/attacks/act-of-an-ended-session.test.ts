import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import type { TestUser } from '../harness/app.ts';
import { outcomeOf, useMailedApp } from '../harness/mails.ts';
import { isSomebodyWaitingFor } from '../harness/statements.ts';
import { until } from '../harness/until.ts';

const t = useMailedApp();

/** Requests that leave something behind that whoever has the account then does not want. */
const ACTS = {
  'make an API token': (as: TestUser) =>
    t.call('POST', '/api/v1/users/me/api-tokens', {
      as,
      body: { name: 'x', scopes: ['account:read'] },
    }),
  'ask for another address': (as: TestUser) =>
    t.call('PATCH', '/api/v1/users/me', { as, body: { email: `eve-${as.email}` } }),
  'delete the account': (as: TestUser) => t.call('DELETE', '/api/v1/users/me', { as }),
};

test.each(Object.entries(ACTS))(
  'a session that ends while its request is under way does not %s any more',
  async (_name, act) => {
    const ada = await t.signIn();
    // What a new password does, as another process would, and slowly.
    await t.owner.query('BEGIN');
    await t.owner.query('UPDATE users SET auth_version = auth_version + 1 WHERE id = $1', [ada.id]);
    // Sent at once, not when somebody asks for the answer.
    const answer = Promise.resolve(act(ada));
    await until(() => isSomebodyWaitingFor(t.owner), 5000);
    await t.owner.query(
      'UPDATE sessions SET ended_at = now(), end_reason = $2 WHERE user_id = $1',
      [ada.id, 'password'],
    );
    await t.owner.query('COMMIT');
    expect(outcomeOf(await answer)).toBe('401 session.invalid');
    const { rows } = await t.owner.query(
      `SELECT pending_email, deleted_at, (SELECT count(*)::int FROM api_tokens WHERE user_id = users.id) AS tokens
       FROM users WHERE id = $1`,
      [ada.id],
    );
    expect(rows).toEqual([{ pending_email: null, deleted_at: null, tokens: 0 }]);
  },
);

test('a change of address that was under way does not outlive a new password', async () => {
  const ada = await t.signIn();
  const email = 'eve@example.org';
  await t.call('PATCH', '/api/v1/users/me', { as: ada, body: { email } });
  const body = { current_password: TEST_PASSWORD, new_password: 'another fine password' };
  const changed = await t.call('PUT', '/api/v1/users/me/password', { as: ada, body });
  expect(changed.statusCode).toBe(204);
  // The mail was waiting: its link would be of today.
  const mails = await t.deliver();
  expect(mails.filter(({ recipients }) => recipients.includes(email))).toEqual([]);
});
