import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { outcomeOf, useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();

test('an account whose address somebody has registered again does not come back', async () => {
  const [ada, root] = [await t.signIn('ada'), await t.signIn('root', ['user', 'admin'])];
  expect((await t.call('DELETE', '/api/v1/users/me', { as: ada })).statusCode).toBe(200);
  const body = { email: ada.email.toUpperCase(), password: TEST_PASSWORD };
  const twin = await t.call('POST', '/api/v1/register', { body });
  expect(twin.statusCode).toBe(201);
  const restore = await t.call('POST', `/api/v1/admin/users/${ada.id}/restore`, { as: root });
  expect(outcomeOf(restore)).toBe('409 user.email_taken');
  const { rows } = await t.owner.query(
    'SELECT id FROM users WHERE email_canonical = $1 AND deleted_at IS NULL',
    [ada.email],
  );
  expect(rows).toEqual([{ id: twin.json().user.id }]);
});

test('the links of a deleted account do not reach the one that has its address now', async () => {
  const ada = await t.signIn();
  await t.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const token = await t.tokenFor(ada.email, 'reset-password');
  await t.call('DELETE', '/api/v1/users/me', { as: ada });
  const body = { email: ada.email, password: TEST_PASSWORD };
  await t.call('POST', '/api/v1/register', { body });
  const reset = { token, password: 'another fine password' };
  const answer = await t.call('POST', '/api/v1/password/reset', { body: reset });
  expect(outcomeOf(answer)).toBe('410 token.expired_or_unknown');
  expect((await t.call('POST', '/api/v1/login', { body })).statusCode).toBe(200);
});
