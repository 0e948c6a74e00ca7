import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import { startTestApp, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

function register(body: object) {
  return t.call('POST', '/api/v1/register', { body });
}

async function accounts(): Promise<number> {
  const { rows } = await t.owner.query<{ count: number }>('SELECT count(*)::int FROM users');
  return rows[0]?.count ?? 0;
}

test('POST /register › 201 with the user, unverified, and neither password nor hash anywhere', async () => {
  const password = 'a fine password';
  const answer = await register({ email: ' Ada@Example.ORG ', password, name: ' Ada ' });
  expect(answer.statusCode).toBe(201);
  const { user } = answer.json();
  expect(Object.keys(user).sort()).toEqual(
    'avatar_url created_at email email_verified_at id last_login_at name status updated_at'.split(
      ' ',
    ),
  );
  expect(user).toMatchObject({ email: 'Ada@Example.ORG', name: 'Ada', status: 'unverified' });
  expect(user.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  const { rows } = await t.owner.query('SELECT password_hash FROM users WHERE id = $1', [user.id]);
  expect(rows[0].password_hash).toMatch(/^\$2b\$12\$/);
  expect(answer.body).not.toContain(password);
  expect(answer.body).not.toContain('$2b$');
  const again = await register({ email: 'ada@example.org', password });
  expect([again.statusCode, again.json().code]).toEqual([409, 'user.email_taken']);
});

test('POST /register › two at once for one address make one account', async () => {
  const body = { email: 'race@example.org', password: 'a fine password' };
  const statuses = (await Promise.all([register(body), register(body)])).map((a) => a.statusCode);
  expect(statuses.sort()).toEqual([201, 409]);
});

test('POST /register › the address of a deleted account is free again', async () => {
  const gone = await t.addAccount({ isDeleted: true });
  const answer = await register({ email: gone.email, password: 'a fine password' });
  expect(answer.statusCode).toBe(201);
  expect(answer.json().user.id).not.toBe(gone.id);
});

test.each([
  ['no e-mail', { password: TEST_PASSWORD }, '/email'],
  ['no password', { email: 'a@example.org' }, '/password'],
  ['7 characters', { email: 'a@example.org', password: '1234567' }, '/password'],
  [
    '7 characters of two UTF-16 units each',
    { email: 'a@example.org', password: '😀'.repeat(7) },
    '/password',
  ],
  ['73 bytes', { email: 'a@example.org', password: 'x'.repeat(73) }, '/password'],
  [
    '73 bytes in fewer characters',
    { email: 'a@example.org', password: `${'é'.repeat(36)}x` },
    '/password',
  ],
  ['NUL', { email: 'a@example.org', password: 'abcdefgh\u0000ijk' }, '/password'],
  ['a lone surrogate', { email: 'a@example.org', password: 'abcdefgh\ud800' }, '/password'],
  ['a password that is a number', { email: 'a@example.org', password: 123456789 }, '/password'],
  ['an empty name', { email: 'a@example.org', password: TEST_PASSWORD, name: '  ' }, '/name'],
  [
    'a name of 101 characters',
    { email: 'a@example.org', password: TEST_PASSWORD, name: 'x'.repeat(101) },
    '/name',
  ],
  ['a role', { email: 'a@example.org', password: TEST_PASSWORD, roles: ['admin'] }, '/roles'],
])('POST /register › 400 for %s, and no account', async (_name, body, pointer) => {
  const before = await accounts();
  const answer = await register(body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map((e: { pointer: string }) => e.pointer)).toContain(pointer);
  expect(await accounts()).toBe(before);
});

test.each(['password', 'Password1', 'QWERTYUIOP'])(
  'POST /register › 400 for the common password %s, with the reason',
  async (password) => {
    const before = await accounts();
    const answer = await register({ email: 'common@example.org', password });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual([
      { pointer: '/password', detail: 'is one of the most common passwords' },
    ]);
    expect(await accounts()).toBe(before);
  },
);

test('POST /register › 72 bytes and 8 characters are the bounds, spaces count as they are', async () => {
  const passwords = ['x'.repeat(72), ' spaces ', '😀'.repeat(8)];
  const answers = passwords.map((password, i) =>
    register({ email: `b${i}@example.org`, password }),
  );
  expect((await Promise.all(answers)).map((answer) => answer.statusCode)).toEqual([201, 201, 201]);
  const login = (password: string) =>
    t.call('POST', '/api/v1/login', { body: { email: 'b1@example.org', password } });
  expect((await login(' spaces ')).statusCode).toBe(200);
  expect((await login('spaces')).statusCode).toBe(401);
});

test('POST /register › closed by the operator: 403', async () => {
  const closed = await startTestApp({ REGISTRATION: 'closed' });
  const body = { email: 'x@example.org', password: TEST_PASSWORD };
  const answer = await closed.call('POST', '/api/v1/register', { body });
  expect([answer.statusCode, answer.json().code]).toEqual([403, 'registration.closed']);
  const { rows } = await closed.owner.query('SELECT id FROM users');
  expect(rows).toEqual([]);
  await closed.close();
});

test("GET /users/me › one's own account and no other field", async () => {
  const ada = await t.signIn('ada');
  const answer = await t.call('GET', '/api/v1/users/me', { as: ada });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ id: ada.id, email: ada.email, status: 'active' });
  expect(answer.body).not.toMatch(/hash|auth_version|canonical/);
});
