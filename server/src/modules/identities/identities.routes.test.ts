import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { addSession, TEST_PASSWORD, type TestUser } from '../../../test/harness/accounts.ts';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import {
  addIdentity,
  addVerified,
  anIdentity,
  aProven,
  enterBy,
  eventsAbout,
  identityRowsOf,
} from '../../../test/harness/identities.ts';
import { isTo, outcomeOf, useMailedApp } from '../../../test/harness/mails.ts';
import { until } from '../../../test/harness/until.ts';
import { purgeUsers } from '../users/purge-users.ts';

const BETTER_AUTH_SECRET = 'q8Zr3Lw6Tn0Vb5Xk2Hs9Yd4Gf7Jc1MpE';
const t = useMailedApp({
  BETTER_AUTH_SECRET,
  GOOGLE_CLIENT_ID: 'docket',
  GOOGLE_CLIENT_SECRET: 'a secret of the client',
});
const PROVIDERS = '/api/v1/users/me/providers';
const STALE = { authenticatedAtSeconds: 0 };

const github = () => anIdentity({ provider: 'github', issuer: 'https://github.com' });

async function list(as: TestUser) {
  const answer = await t.call('GET', PROVIDERS, { as });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

async function unlink(as: TestUser, id: string, body?: object) {
  return outcomeOf(await t.call('DELETE', `${PROVIDERS}/${id}`, { as, ...(body && { body }) }));
}

/** Somebody who signs in by providers alone. */
async function withoutPassword(): Promise<TestUser> {
  return addSession(t.ctx, t.owner, await addVerified(t, { passwordHash: null }));
}

/** The same person with an access token of a sign-in long ago. */
async function stale(user: TestUser): Promise<TestUser> {
  const { id: userId, sessionId } = user;
  const token = { userId, sessionId, authVersion: 1, permissions: [] };
  return { ...user, accessToken: await t.ctx.accessTokens.issue({ ...token, ...STALE }) };
}

test('one’s own identities are listed, the oldest first, and nobody else’s', async () => {
  const [ada, eve] = [await t.signIn('ada'), await t.signIn('eve')];
  const first = await addIdentity(t.owner, ada.id, aProven('ada@elsewhere.example'));
  const second = await addIdentity(t.owner, ada.id, github());
  const foreign = { ...anIdentity({ issuer: 'foreign:' }), provider: 'foreign' };
  const third = await addIdentity(t.owner, ada.id, foreign);
  expect(await list(ada)).toEqual([
    {
      id: first,
      provider: 'google',
      label: 'Google',
      email: 'ada@elsewhere.example',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_used_at: null,
      can_unlink: true,
    },
    expect.objectContaining({ id: second, provider: 'github', label: 'GitHub', email: null }),
    expect.objectContaining({ id: third, provider: 'foreign', label: 'another front end' }),
  ]);
  expect(await list(eve)).toEqual([]);
});

test('an identity that is disconnected signs nobody in; its person is told, and other sessions stay', async () => {
  const ada = await t.signIn('ada');
  const elsewhere = await addSession(t.ctx, t.owner, ada);
  const identity = aProven('ada@elsewhere.example');
  const id = await addIdentity(t.owner, ada.id, identity);
  expect(await unlink(ada, id.toUpperCase())).toBe('204');
  expect(await unlink(ada, id)).toBe('404 identity.not_found');
  expect(await list(elsewhere)).toEqual([]);
  const { issuer, subject, email } = identity;
  const personal = { issuer, subject, email };
  expect(await eventsAbout(t.owner, ada.id)).toEqual([
    ['identity.unlinked', { provider: 'google' }, personal],
  ]);
  const mails = (await t.deliver()).filter(isTo(ada.email));
  expect(mails.map(({ mail }) => mail.subject)).toEqual(['A sign-in provider was disconnected']);
  expect(await enterBy(t.ctx, identity)).not.toBe(ada.id);
});

test('an identity of somebody else, or none, is not found', async () => {
  const [ada, eve] = [await t.signIn('ada'), await t.signIn('eve')];
  const id = await addIdentity(t.owner, ada.id);
  for (const it of [id, 'x', '0198c2f0-0000-7000-8000-000000000001']) {
    expect(await unlink(eve, it)).toBe('404 identity.not_found');
  }
  expect(await identityRowsOf(t.owner, ada.id)).toHaveLength(1);
});

test('disconnecting needs a fresh sign-in or the password, which counts as an attempt', async () => {
  const ada = await t.signIn('ada');
  const id = await addIdentity(t.owner, ada.id);
  const old = await stale(ada);
  expect(await unlink(old, id)).toBe('401 fresh_sign_in.required');
  expect(await unlink(old, id, { password: 'wrong' })).toBe('401 fresh_sign_in.required');
  expect(await unlink(ada, id, { password: 'wrong' })).toBe('401 fresh_sign_in.required');
  expect(await unlink(old, id, { password: TEST_PASSWORD })).toBe('204');
});

test('the last way to sign in stays: a provider that is not enabled, or another front end, is none', async () => {
  const ada = await withoutPassword();
  const google = await addIdentity(t.owner, ada.id);
  const disabled = await addIdentity(t.owner, ada.id, github());
  const foreign = { ...anIdentity({ issuer: 'foreign:' }), provider: 'foreign' };
  const other = await addIdentity(t.owner, ada.id, foreign);
  expect((await list(ada)).map((it: { can_unlink: boolean }) => it.can_unlink)).toEqual([
    ...[false, true, true],
  ]);
  expect(await unlink(ada, google)).toBe('409 provider.last_sign_in_method');
  expect(await unlink(ada, disabled)).toBe('204');
  expect(await unlink(ada, other)).toBe('204');
  const second = await addIdentity(t.owner, ada.id);
  expect(await unlink(ada, google)).toBe('204');
  expect(await unlink(ada, second)).toBe('409 provider.last_sign_in_method');
});

test('a password without an address is no way to sign in', async () => {
  const ada = await t.signIn('ada');
  await t.owner.query('UPDATE users SET email = NULL, email_canonical = NULL WHERE id = $1', [
    ada.id,
  ]);
  const id = await addIdentity(t.owner, ada.id);
  expect(await unlink(ada, id)).toBe('409 provider.last_sign_in_method');
});

test('programs and people of another front end see and change none of it', async () => {
  const ada = await t.signIn('ada');
  const id = await addIdentity(t.owner, ada.id);
  const { token } = await addApiToken(t.owner, ada.id, ['account:read']);
  for (const [method, url] of [
    ['GET', PROVIDERS],
    ['DELETE', `${PROVIDERS}/${id}`],
  ] as const) {
    const answer = await t.call(method, url, { headers: bearer(token) });
    expect(outcomeOf(answer)).toBe('403 api_token.not_allowed');
  }
});

test('tokens of another front end are somebody else’s as soon as it is disconnected', async () => {
  const ada = await t.signIn('ada');
  const foreign = { ...anIdentity({ issuer: 'foreign:' }), provider: 'foreign' };
  const id = await addIdentity(t.owner, ada.id, foreign);
  await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'of Ada' } });
  const token = await new SignJWT({ sub: foreign.subject })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(BETTER_AUTH_SECRET));
  const seesTask = async () =>
    (await t.call('GET', '/api/tasks', { headers: bearer(token) })).body.includes('of Ada');
  expect(await seesTask()).toBe(true);
  expect(await unlink(ada, id)).toBe('204');
  await until(async () => !(await seesTask()), 1000);
});

test('who has no password sets one by mail, and may disconnect the provider then', async () => {
  const ada = await withoutPassword();
  const id = await addIdentity(t.owner, ada.id);
  const change = { current_password: '', new_password: 'another fine password' };
  const put = await t.call('PUT', '/api/v1/users/me/password', { as: ada, body: change });
  expect(outcomeOf(put)).toBe('401 credentials.invalid');
  await t.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const token = await t.tokenFor(ada.email, 'reset-password');
  const password = 'another fine password';
  await t.call('POST', '/api/v1/password/reset', { body: { token, password } });
  // An address that was proven before: nobody else can have connected anything.
  expect(await identityRowsOf(t.owner, ada.id)).toHaveLength(1);
  const body = { email: ada.email, password };
  const login = await t.call('POST', '/api/v1/login', { body });
  const headers = bearer(login.json().access_token);
  const answer = await t.call('DELETE', `${PROVIDERS}/${id}`, { headers });
  expect(outcomeOf(answer)).toBe('204');
});

test('identities stay with a deleted account, whoever has its address now, and go with it', async () => {
  const ada = await t.signIn('ada');
  const identity = aProven(ada.email);
  await addIdentity(t.owner, ada.id, identity);
  expect((await t.call('DELETE', '/api/v1/users/me', { as: ada })).statusCode).toBe(200);
  expect(await enterBy(t.ctx, identity)).toBe('provider.account_unavailable');
  const body = { email: ada.email, password: TEST_PASSWORD };
  const twin = (await t.call('POST', '/api/v1/register', { body })).json().user;
  expect(await enterBy(t.ctx, identity)).toBe('provider.account_unavailable');
  await t.owner.query("UPDATE users SET deleted_at = now() - interval '31 days' WHERE id = $1", [
    ada.id,
  ]);
  expect(await purgeUsers(t.ctx)).toBe(1);
  expect(await enterBy(t.ctx, identity)).toBe(twin.id);
});

test('an account that is restored or enabled again is signed in to as before', async () => {
  const [ada, root] = [await t.addAccount(), await t.signIn('root', ['user', 'admin'])];
  const identity = anIdentity();
  await addIdentity(t.owner, ada.id, identity);
  const url = `/api/v1/admin/users/${ada.id}`;
  const steps = [
    ['DELETE', url, undefined],
    ['POST', `${url}/restore`, undefined],
    ['PATCH', url, { status: 'disabled' }],
    ['PATCH', url, { status: 'active' }],
  ] as const;
  const seen: string[] = [];
  for (const [method, to, body] of steps) {
    const answer = await t.call(method, to, { as: root, ...(body && { body }) });
    expect(answer.statusCode).toBeLessThan(300);
    seen.push(await enterBy(t.ctx, identity));
  }
  const unavailable = 'provider.account_unavailable';
  expect(seen).toEqual([unavailable, ada.id, unavailable, ada.id]);
});

test('administrators see by which providers somebody signs in, never what they are called there', async () => {
  const [ada, root] = [await t.addAccount(), await t.signIn('root', ['user', 'admin'])];
  const identity = aProven('ada@elsewhere.example', { subject: 'the-subject-of-ada' });
  await addIdentity(t.owner, ada.id, identity);
  await addIdentity(t.owner, ada.id, github());
  await enterBy(t.ctx, identity);
  const answer = await t.call('GET', `/api/v1/admin/users/${ada.id}`, { as: root });
  expect(answer.json().providers).toEqual([
    {
      name: 'google',
      email: 'ada@elsewhere.example',
      last_used_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
    { name: 'github', email: null, last_used_at: null },
  ]);
  expect(answer.body).not.toMatch(/subject|issuer/);
});
