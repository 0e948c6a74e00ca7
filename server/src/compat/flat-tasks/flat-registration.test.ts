import bcrypt from 'bcrypt';
import { expect, test, vi } from 'vitest';
import { cookieSetBy, TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import { startTestApp, type TestApp, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();
const USER_FIELDS = [
  'id',
  'email',
  'name',
  'status',
  'email_verified_at',
  'avatar_url',
  'last_login_at',
  'created_at',
  'updated_at',
];
const body = { email: 'new@example.org', password: TEST_PASSWORD, name: '', age: 7 };

async function actsOf({ owner }: TestApp, userId: string): Promise<string[]> {
  const { rows } = await owner.query(
    'SELECT action FROM audit_events WHERE user_id = $1 ORDER BY position',
    [userId],
  );
  return rows.map(({ action }) => action);
}

async function signInsOf({ ctx }: TestApp) {
  const text = await ctx.metrics.text();
  const counted = (outcome: string) =>
    Number(new RegExp(`sign_ins_total{outcome="${outcome}"} (\\d+)`).exec(text)?.[1] ?? 0);
  return {
    success: counted('success'),
    refused: counted('refused'),
    unverified: counted('unverified'),
  };
}

test('register › 201 with the user, a token that works, and the refresh cookie; again 409', async () => {
  const answer = await t.call('POST', '/api/auth/register', { body });
  expect(answer.statusCode).toBe(201);
  const user = answer.json();
  expect(Object.keys(user)).toEqual([...USER_FIELDS, 'access_token', 'token_type']);
  expect(user).toMatchObject({ email: 'new@example.org', name: null, token_type: 'bearer' });
  const headers = { authorization: `Bearer ${user.access_token}` };
  expect((await t.call('GET', '/protected', { headers })).json()).toEqual({ user_id: user.id });
  const cookie = cookieSetBy(answer);
  expect((await t.call('POST', '/api/v1/refresh', { headers: { cookie } })).statusCode).toBe(200);
  const again = await t.call('POST', '/api/auth/register', { body });
  expect([again.statusCode, again.json()]).toEqual([409, { detail: 'Email already registered' }]);
  expect(again.headers['set-cookie']).toBeUndefined();
});

test('registering is one sign-in and one hashing of the password, whose comparison nobody needs', async () => {
  const before = await signInsOf(t);
  const compare = vi.spyOn(bcrypt, 'compare');
  const hash = vi.spyOn(bcrypt, 'hash');
  const email = 'once@example.org';
  const user = (await t.call('POST', '/api/auth/register', { body: { ...body, email } })).json();
  const calls = [hash.mock.calls.length, compare.mock.calls.length];
  vi.restoreAllMocks();
  expect(calls).toEqual([1, 0]);
  expect(user.last_login_at).toBe(user.created_at);
  expect(await actsOf(t, user.id)).toEqual(['user.registered', 'session.started']);
  expect(await signInsOf(t)).toEqual({ ...before, success: before.success + 1 });
});

test('where addresses are to be verified first there is no token yet', async () => {
  const other = await startTestApp({ REQUIRE_VERIFIED_EMAIL: 'on' });
  try {
    const answer = await other.call('POST', '/api/auth/register', { body });
    expect([answer.statusCode, answer.json().access_token]).toEqual([201, null]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.json().last_login_at).toBeNull();
    const acts = await actsOf(other, answer.json().id);
    expect(acts).toEqual(['user.registered', 'session.refused']);
    expect(await signInsOf(other)).toEqual({ success: 0, refused: 0, unverified: 1 });
  } finally {
    await other.close();
  }
});

test('with uniform registration known and unknown addresses are answered alike', async () => {
  const other = await startTestApp({ REGISTRATION: 'uniform' });
  try {
    const answers = [];
    for (let i = 0; i < 2; i++) {
      const answer = await other.call('POST', '/api/auth/register', { body });
      answers.push([answer.statusCode, answer.body, answer.headers['set-cookie']]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(202);
  } finally {
    await other.close();
  }
});

test('with closed registration 403', async () => {
  const other = await startTestApp({ REGISTRATION: 'closed' });
  try {
    const answer = await other.call('POST', '/api/auth/register', { body });
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([403, ['detail']]);
  } finally {
    await other.close();
  }
});
