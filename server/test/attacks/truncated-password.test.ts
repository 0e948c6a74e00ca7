import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { useTestApp } from '../harness/app.ts';

const t = useTestApp();

test.each([
  ['one byte each', 'p'.repeat(72)],
  ['several bytes each', '€'.repeat(24)],
])('a password of 72 bytes, %s, and any more is another password', async (name, password) => {
  const email = `${name.replaceAll(' ', '-')}@example.org`;
  const registered = await t.call('POST', '/api/v1/register', { body: { email, password } });
  expect(registered.statusCode).toBe(201);
  const login = async (attempt: string) =>
    (await t.call('POST', '/api/v1/login', { body: { email, password: attempt } })).statusCode;
  expect(await login(password)).toBe(200);
  for (const more of ['x', 'y', ' ', 'x'.repeat(5000)])
    expect(await login(password + more)).toBe(401);
  expect(await login(password.slice(0, -1))).toBe(401);
  const longer = { email: `long-${email}`, password: `${password}x` };
  expect((await t.call('POST', '/api/v1/register', { body: longer })).statusCode).toBe(400);
});

test('no password of 73 bytes is set by a change either, and none is cut off on the way', async () => {
  const ada = await t.signIn();
  const password = 'p'.repeat(72);
  const change = (current_password: string, new_password: string) =>
    t.call('PUT', '/api/v1/users/me/password', {
      as: ada,
      body: { current_password, new_password },
    });
  expect((await change(TEST_PASSWORD, `${password}x`)).statusCode).toBe(400);
  expect((await change(TEST_PASSWORD, password)).statusCode).toBe(204);
  const login = async (attempt: string) =>
    (await t.call('POST', '/api/v1/login', { body: { email: ada.email, password: attempt } }))
      .statusCode;
  expect([await login(`${password}x`), await login(password)]).toEqual([401, 200]);
});
