import { createEmailVerificationToken } from 'better-auth/api';
import { signJWT, symmetricEncodeJWT } from 'better-auth/crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { FRONT_END_SECRET, type FrontEnd, signUp, startFrontEnd } from '../harness/front-end.ts';

const WITH_SECRET: FrontEnd[] = [];
let withKeys: FrontEnd;
let t: TestApp;

beforeAll(async () => {
  for (const cookieCache of ['jwt', 'compact', 'jwe'] as const) {
    WITH_SECRET.push(await startFrontEnd({ cookieCache }));
  }
  withKeys = await startFrontEnd({ signsCookiesWithKeys: true });
  t = await startTestApp({
    BETTER_AUTH_SECRET: FRONT_END_SECRET,
    BETTER_AUTH_JWKS_URL: withKeys.jwksUrl,
  });
});
afterAll(async () => {
  await t?.close();
  for (const frontEnd of [...WITH_SECRET, withKeys]) await frontEnd?.close();
});

async function statusOf(token: string): Promise<number> {
  return (await t.call('GET', '/api/tasks', { headers: bearer(token) })).statusCode;
}

const countUsers = async () =>
  (await t.owner.query('SELECT count(*)::int FROM users')).rows[0].count;

test('a sign-in token signed with the secret is taken', async () => {
  const token = await signJWT({ sub: 'user-1' }, FRONT_END_SECRET, 900);
  expect(await statusOf(token)).toBe(200);
  expect((await t.call('GET', '/api/user-1/tasks', { headers: bearer(token) })).json()).toEqual([]);
});

test('nothing else that is signed or sealed with that secret is', async () => {
  const before = await countUsers();
  const kinds: Record<string, string> = {};
  for (const [i, frontEnd] of WITH_SECRET.entries()) {
    const ada = await signUp(frontEnd, `ada-${i}@example.org`);
    kinds[`session ${i}`] = ada.sessionToken;
    for (const [name, value] of Object.entries(ada.cookies)) kinds[`${name} ${i}`] = value;
    await frontEnd.call('/send-verification-email', ada.cookie, { email: `ada-${i}@example.org` });
    await frontEnd.call('/change-email', ada.cookie, { newEmail: `new-${i}@example.org` });
    await frontEnd.call('/request-password-reset', '', { email: `ada-${i}@example.org` });
    for (const [n, token] of frontEnd.mailed.entries()) kinds[`mailed ${i}.${n}`] = token;
  }
  const verify = (updateTo?: string, extra?: object) =>
    createEmailVerificationToken(FRONT_END_SECRET, 'a@example.org', updateTo, 900, extra);
  kinds.verify = await verify();
  kinds.change = await verify('b@example.org');
  kinds.confirm = await verify('b@example.org', { requestType: 'change-email-confirmation' });
  // Even where somebody has a subject put into them.
  kinds.verifyWithSubject = await verify(undefined, { sub: 'x', requestType: 'x' });
  kinds.changeWithSubject = await verify('b@example.org', { sub: 'x' });
  for (const claim of ['session', 'user', 'updateTo', 'requestType']) {
    kinds[claim] = await signJWT({ sub: 'x', [claim]: null }, FRONT_END_SECRET, 900);
  }
  kinds.sealed = await symmetricEncodeJWT({ sub: 'x' }, FRONT_END_SECRET, 'x', 900);
  expect(Object.keys(kinds).length).toBeGreaterThan(20);
  for (const [kind, token] of Object.entries(kinds)) {
    expect([kind, await statusOf(token)]).toEqual([kind, 401]);
  }
  expect(await countUsers()).toBe(before);
});

test('the copy of a session in a cookie was a token, signed with the secret', async () => {
  const ada = await signUp(WITH_SECRET[0] as FrontEnd, 'grace@example.org');
  const copy = ada.cookies['better-auth.session_data'] ?? '';
  expect(Object.keys(decodeJwt(copy)).sort()).toEqual(
    expect.arrayContaining(['exp', 'iat', 'session', 'user']),
  );
});

test('of what the published keys have signed, the token of the JWT plugin alone is taken', async () => {
  const ada = await signUp(withKeys, 'ada@example.org');
  const copy = ada.cookies['better-auth.session_data'] ?? '';
  expect(decodeJwt(copy)).toMatchObject({ sub: ada.userId, user: { id: ada.userId } });
  expect(await statusOf(copy)).toBe(401);
  const response = await withKeys.call('/token', ada.cookie);
  const { token } = (await response.json()) as { token: string };
  expect(decodeJwt(token)).toMatchObject({ sub: ada.userId, iss: withKeys.url });
  const own = await t.call('GET', `/api/${ada.userId}/tasks`, { headers: bearer(token) });
  expect([own.statusCode, own.json()]).toEqual([200, []]);
});
