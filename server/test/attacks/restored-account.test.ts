import { expect, test } from 'vitest';
import { refreshCookie } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { outcomeOf, useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();

test('nothing that was issued before a deletion gets in after the account is restored', async () => {
  const [ada, root] = [await t.signIn('ada'), await t.signIn('root', ['user', 'admin'])];
  const { token } = await addApiToken(t.owner, ada.id, ['account:read']);
  await t.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const reset = await t.tokenFor(ada.email, 'reset-password');
  await t.call('PATCH', '/api/v1/users/me', { as: ada, body: { email: 'next@example.org' } });
  const confirm = await t.tokenFor('next@example.org', 'confirm-email');
  expect((await t.call('DELETE', '/api/v1/users/me', { as: ada })).statusCode).toBe(200);
  const restored = await t.call('POST', `/api/v1/admin/users/${ada.id}/restore`, { as: root });
  expect(restored.json()).toMatchObject({ status: 'active', pending_email: null });
  const answers = [
    await t.call('GET', '/api/v1/users/me', { as: ada }),
    await t.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(t.ctx, ada) } }),
    await t.call('GET', '/api/v1/users/me', { headers: bearer(token) }),
    await t.call('POST', '/api/v1/password/reset', {
      body: { token: reset, password: 'another fine password' },
    }),
    await t.call('POST', '/api/v1/users/me/email/confirm', { body: { token: confirm } }),
  ];
  expect(answers.map(outcomeOf)).toEqual([
    '401 session.invalid',
    '401 session.invalid',
    '401 token.invalid',
    '410 token.expired_or_unknown',
    '410 token.expired_or_unknown',
  ]);
});

test('an enabled account has its API tokens again, and nothing else that was issued before', async () => {
  const [ada, root] = [await t.signIn('ada'), await t.signIn('root', ['user', 'admin'])];
  const { token } = await addApiToken(t.owner, ada.id, ['account:read']);
  await t.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const reset = await t.tokenFor(ada.email, 'reset-password');
  for (const status of ['disabled', 'active']) {
    const url = `/api/v1/admin/users/${ada.id}`;
    const answer = await t.call('PATCH', url, { as: root, body: { status } });
    expect(answer.statusCode).toBe(200);
  }
  const withToken = () => t.call('GET', '/api/v1/users/me', { headers: bearer(token) });
  await expect.poll(async () => (await withToken()).statusCode).toBe(200);
  const answers = [
    await t.call('GET', '/api/v1/users/me', { as: ada }),
    await t.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(t.ctx, ada) } }),
    await t.call('POST', '/api/v1/password/reset', {
      body: { token: reset, password: 'another fine password' },
    }),
  ];
  expect(answers.map(outcomeOf)).toEqual([
    '401 session.invalid',
    '401 session.invalid',
    '410 token.expired_or_unknown',
  ]);
});
