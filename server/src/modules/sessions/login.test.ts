import bcrypt from 'bcrypt';
import { expect, test, vi } from 'vitest';
import { cookieSetBy, TEST_PASSWORD, TEST_PASSWORD_HASH } from '../../../test/harness/accounts.ts';
import { startTestApp, useTestApp } from '../../../test/harness/app.ts';
import { until } from '../../../test/harness/until.ts';

const t = useTestApp();
const REQUEST_ID = '0198f0a0-0000-7000-8000-000000000001';

function login(body: object, headers = {}) {
  return t.call('POST', '/api/v1/login', {
    body,
    headers: { 'x-request-id': REQUEST_ID, ...headers },
  });
}

async function onlySession(userId: string) {
  const { rows } = await t.owner.query(
    `SELECT *, host(address) AS address,
       extract(epoch from idle_expires_at - created_at)::int AS idle_seconds,
       extract(epoch from absolute_expires_at - created_at)::int AS absolute_seconds
     FROM sessions WHERE user_id = $1`,
    [userId],
  );
  expect(rows).toHaveLength(1);
  return rows[0];
}

test('POST /login › 200 with access token and user; the refresh token only in the cookie', async () => {
  const ada = await t.addAccount();
  const body = { email: ` ${ada.email.toUpperCase()} `, password: TEST_PASSWORD };
  const answer = await login(body, { 'user-agent': 'Test/1.0' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
  expect(answer.json().user).toMatchObject({ id: ada.id, email: ada.email });
  expect(answer.json().user.last_login_at).not.toBeNull();
  const token = cookieSetBy(answer).split('=')[1] ?? '';
  expect(token.length).toBeGreaterThan(80);
  expect(answer.body).not.toContain(token);
  const headers = { authorization: `Bearer ${answer.json().access_token}` };
  expect((await t.call('GET', '/api/v1/users/me', { headers })).json().id).toBe(ada.id);
  expect(await onlySession(ada.id)).toMatchObject({ user_agent: 'Test/1.0', address: '127.0.0.1' });
});

test('the cookie is HttpOnly, SameSite=Strict and for the whole site; over http it has a name without prefix', async () => {
  const ada = await t.addAccount();
  const answer = await login({ email: ada.email, password: TEST_PASSWORD });
  const [pair = '', ...attributes] = String(answer.headers['set-cookie']).split('; ');
  expect(pair).toMatch(/^docket_refresh=/);
  expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Strict']);
});

test('over https the cookie is Secure, bound to the host by its prefix, and has no Domain', async () => {
  const settings = { PUBLIC_URL: 'https://tasks.example.org', COOKIE_SAMESITE: 'none' };
  const secure = await startTestApp(settings);
  const ada = await secure.addAccount();
  const body = { email: ada.email, password: TEST_PASSWORD, remember: true };
  const answer = await secure.call('POST', '/api/v1/login', { body });
  const [pair = '', ...attributes] = String(answer.headers['set-cookie']).split('; ');
  expect(pair).toMatch(/^__Host-docket_refresh=/);
  expect(attributes.sort()).toEqual([
    'HttpOnly',
    'Max-Age=2592000',
    'Path=/',
    'SameSite=None',
    'Secure',
  ]);
  await secure.close();
});

test('a session lives a day without use and 30 days in all, with remember 30 and 90', async () => {
  const [plain, kept] = [await t.addAccount(), await t.addAccount()];
  await login({ email: plain.email, password: TEST_PASSWORD });
  await login({ email: kept.email, password: TEST_PASSWORD, remember: true });
  const day = 86_400;
  expect(await onlySession(plain.id)).toMatchObject({
    idle_seconds: day,
    absolute_seconds: 30 * day,
  });
  expect(await onlySession(kept.id)).toMatchObject({
    idle_seconds: 30 * day,
    absolute_seconds: 90 * day,
  });
});

test('whatever makes a sign-in fail, the answer is the same to the byte, and so is the number and cost of comparisons', async () => {
  const passwordHash = TEST_PASSWORD_HASH;
  const accounts = {
    wrong: await t.addAccount({ passwordHash }),
    disabled: await t.addAccount({ passwordHash, status: 'disabled' }),
    deleted: await t.addAccount({ passwordHash, isDeleted: true }),
    withoutPassword: await t.addAccount({ passwordHash: null }),
  };
  const attempts = [
    { email: 'nobody@example.org', password: TEST_PASSWORD },
    { email: 'not an address', password: TEST_PASSWORD },
    { email: accounts.wrong.email, password: 'wrong' },
    { email: accounts.wrong.email, password: TEST_PASSWORD + 'x'.repeat(100_000) },
    { email: accounts.disabled.email, password: TEST_PASSWORD },
    { email: accounts.deleted.email, password: TEST_PASSWORD },
    { email: accounts.withoutPassword.email, password: TEST_PASSWORD },
    { email: accounts.wrong.email, password: '' },
  ];
  const compare = vi.spyOn(bcrypt, 'compare');
  const bodies = new Set<string>();
  for (const attempt of attempts) {
    const answer = await login(attempt);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="docket"');
    bodies.add(answer.body);
  }
  expect(bodies.size).toBe(1);
  expect([...bodies][0]).toContain('"code":"credentials.invalid"');
  expect(compare).toHaveBeenCalledTimes(attempts.length);
  const costs = new Set(compare.mock.calls.map(([, hash]) => bcrypt.getRounds(String(hash))));
  expect([...costs]).toEqual([12]);
  compare.mockRestore();
});

test('a password whose first 72 bytes are right does not sign in', async () => {
  const password = 'x'.repeat(72);
  const ada = await t.addAccount({ passwordHash: await bcrypt.hash(password, 4) });
  expect((await login({ email: ada.email, password })).statusCode).toBe(200);
  expect((await login({ email: ada.email, password: `${password}y` })).statusCode).toBe(401);
});

test('no database connection is held while a password is compared', async () => {
  const ada = await t.addAccount();
  // Refused sign-ins of tests before are still being written down.
  await until(() => t.ctx.db.stats().total === t.ctx.db.stats().idle);
  const busy: number[] = [];
  const compare = vi.spyOn(bcrypt, 'compare').mockImplementation(async () => {
    const { total, idle } = t.ctx.db.stats();
    busy.push(total - idle);
    return true;
  });
  expect((await login({ email: ada.email, password: TEST_PASSWORD })).statusCode).toBe(200);
  compare.mockRestore();
  expect(busy).toEqual([0]);
});

test('signing in is no change of the account, and is counted by outcome', async () => {
  const ada = await t.addAccount();
  const { rows } = await t.owner.query('SELECT updated_at FROM users WHERE id = $1', [ada.id]);
  const counted = async (outcome: string) =>
    Number(
      new RegExp(`sign_ins_total{outcome="${outcome}"} (\\d+)`).exec(
        await t.ctx.metrics.text(),
      )?.[1] ?? 0,
    );
  const before = [await counted('success'), await counted('refused')];
  await login({ email: ada.email, password: TEST_PASSWORD });
  await login({ email: ada.email, password: 'wrong' });
  expect([await counted('success'), await counted('refused')]).toEqual(before.map((n) => n + 1));
  const after = await t.owner.query('SELECT updated_at FROM users WHERE id = $1', [ada.id]);
  expect(after.rows).toEqual(rows);
});

test.each([
  ['no password', { email: 'a@example.org' }],
  ['an e-mail that is null', { email: null, password: 'x' }],
  ['remember as text', { email: 'a@example.org', password: 'x', remember: 'true' }],
  ['an unknown field', { email: 'a@example.org', password: 'x', sub: '1' }],
  ['a list', []],
])('POST /login › 400 for %s', async (_name, body) => {
  expect((await login(body)).statusCode).toBe(400);
});

test('a User-Agent of any length or kind is kept in part', async () => {
  const ada = await t.addAccount();
  const body = { email: ada.email, password: TEST_PASSWORD };
  expect((await login(body, { 'user-agent': '€'.repeat(3000) })).statusCode).toBe(200);
  expect((await onlySession(ada.id)).user_agent.length).toBe(512);
});
