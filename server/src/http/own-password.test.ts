import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestUser } from '../../test/harness/accounts.ts';
import { startTestApp, type TestApp } from '../../test/harness/app.ts';

/** Acts that one's own password confirms. */
const ACTS = [
  ['PATCH', '/api/v1/users/me', { email: 'other@example.org' }],
  ['PUT', '/api/v1/users/me/password', { new_password: 'a whole new password' }],
  ['DELETE', '/api/v1/users/me', {}],
  ['POST', '/api/v1/users/me/providers/google/link', {}],
  ['DELETE', `/api/v1/users/me/providers/${randomUUID()}`, {}],
  ['POST', '/api/v1/users/me/merges', { token: 'none' }],
  ['POST', `/api/v1/users/me/merges/${randomUUID()}/undo`, {}],
] as const;

let t: TestApp;
beforeAll(async () => {
  t = await startTestApp({
    RATE_LIMIT_AUTH: '2/1m',
    GOOGLE_CLIENT_ID: 'docket',
    GOOGLE_CLIENT_SECRET: 'a secret of the client',
  });
});
afterAll(() => t.close());

/** Gives a password along, under the name that the act has for it. */
function give(act: (typeof ACTS)[number], as: TestUser, password: string) {
  const [method, path, body] = act;
  const name = path.endsWith('/password') ? 'current_password' : 'password';
  return t.call(method, path, { as, body: { ...body, [name]: password } });
}

for (const act of ACTS) {
  const [method, path] = act;
  const name = `${method} ${path.replace(/[\da-f-]{36}/, '…')}`;

  test(`${name} › passwords are guessed no faster than at the sign-in`, async () => {
    const ada = await t.signIn('ada');
    const outcomes = [];
    for (let guess = 0; guess < 3; guess++)
      outcomes.push((await give(act, ada, 'wrong')).statusCode);
    expect(outcomes.slice(0, 2)).not.toContain(429);
    expect(outcomes[2]).toBe(429);
  });

  test(`${name} › a password that nobody can have is refused by its name`, async () => {
    const answer = await give(act, await t.signIn('ada'), 'a\u0000b');
    expect([answer.statusCode, answer.json().errors]).toEqual([
      400,
      [expect.objectContaining({ pointer: expect.stringMatching(/^\/(current_)?password$/) })],
    ]);
  });
}
