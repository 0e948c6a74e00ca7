import { expect, test } from 'vitest';
import { refreshCookie, type TestUser } from '../../../test/harness/accounts.ts';
import { TEST_ORIGIN, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp({ CORS_ORIGINS: 'https://todos.example' });
const TODOS = '/api/todos';

const REFUSED = {
  error: 'A request that relies on the session cookie must come from this site.',
};

async function storedSession(ada: TestUser) {
  const { rows } = await t.owner.query('SELECT * FROM sessions WHERE id = $1', [ada.sessionId]);
  return JSON.stringify(rows);
}

function byCookie(ada: TestUser, headers: Record<string, string> = {}, counter = 0) {
  return { headers: { cookie: refreshCookie(t.ctx, ada, counter), ...headers } };
}

test('the refresh cookie signs in, and stays as it is', async () => {
  const ada = await t.signIn();
  const before = await storedSession(ada);
  for (const headers of [
    {},
    { origin: TEST_ORIGIN },
    { origin: 'https://todos.example', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin' },
  ]) {
    const call = byCookie(ada, headers as Record<string, string>);
    const made = await t.call('POST', TODOS, { ...call, body: { text: 'x' } });
    expect(made.statusCode).toBe(201);
    const listed = await t.call('GET', TODOS, call);
    expect([listed.statusCode, listed.headers['set-cookie']]).toEqual([200, undefined]);
  }
  expect(await storedSession(ada)).toBe(before);
});

test.each([
  ['GET', TODOS, undefined],
  ['POST', TODOS, { text: 'x' }],
  ['PUT', `${TODOS}/1`, { completed: true }],
  ['DELETE', `${TODOS}/1`, undefined],
])('%s %s › another site cannot make a browser send it', async (method, path, body) => {
  const ada = await t.signIn();
  await t.owner.query("INSERT INTO tasks (user_id, id, title) VALUES ($1, 1, 'mine')", [ada.id]);
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `${TEST_ORIGIN}.evil.example`, 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const call = byCookie(ada, headers as Record<string, string>);
    const answer = await t.call(method, path, { ...call, ...(body && { body }) });
    expect([answer.statusCode, answer.json()]).toEqual([403, REFUSED]);
  }
  const { rows } = await t.owner.query('SELECT title, status, deleted_at FROM tasks');
  expect(rows).toContainEqual({ title: 'mine', status: 'pending', deleted_at: null });
  await t.owner.query('DELETE FROM tasks');
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'a body of %s, which pages of other sites can send unasked, is none',
  async (type) => {
    const ada = await t.signIn();
    const call = byCookie(ada, { 'content-type': type });
    const answer = await t.call('POST', TODOS, { ...call, raw: '{"text":"x"}' });
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: 'Todo text is required' }]);
    expect((await t.call('GET', TODOS, byCookie(ada))).json()).toEqual([]);
  },
);

test('a token beside the cookie decides, whatever is wrong with it', async () => {
  const ada = await t.signIn();
  const answer = await t.call('GET', TODOS, byCookie(ada, { authorization: 'Bearer x' }));
  expect([answer.statusCode, answer.json()]).toEqual([401, { error: 'Authentication required' }]);
});

test('the cookie before the current one counts for ten seconds, an older one never; neither ends the session', async () => {
  const ada = await t.signIn();
  const set = (counter: number, secondsAgo: number) =>
    t.owner.query(
      `UPDATE sessions SET refresh_counter = $2, rotated_at = now() - make_interval(secs => $3)
       WHERE id = $1`,
      [ada.sessionId, counter, secondsAgo],
    );
  const status = async (counter: number) =>
    (await t.call('GET', TODOS, byCookie(ada, {}, counter))).statusCode;
  await set(5, 1);
  expect([await status(5), await status(4), await status(3), await status(6)]).toEqual([
    200, 200, 401, 401,
  ]);
  await set(5, 11);
  expect([await status(5), await status(4)]).toEqual([200, 401]);
  expect((await t.call('GET', TODOS, { as: ada })).statusCode).toBe(200);
});

test.each([
  ['an ended session', "UPDATE sessions SET ended_at = now(), end_reason = 'logout' WHERE id = $1"],
  ['an unused one', 'UPDATE sessions SET idle_expires_at = now() WHERE id = $1'],
  [
    'a disabled user',
    "UPDATE users SET status = 'disabled' WHERE id = (SELECT user_id FROM sessions WHERE id = $1)",
  ],
  [
    'a deleted user',
    'UPDATE users SET deleted_at = now() WHERE id = (SELECT user_id FROM sessions WHERE id = $1)',
  ],
])('the cookie of %s is refused', async (_name, sql) => {
  const ada = await t.signIn();
  expect((await t.call('GET', TODOS, byCookie(ada))).statusCode).toBe(200);
  await t.owner.query(sql, [ada.sessionId]);
  expect((await t.call('GET', TODOS, byCookie(ada))).statusCode).toBe(401);
});

test('permissions are those of now, and the cookie opens nothing else', async () => {
  const ada = await t.signIn();
  for (const path of ['/api/v1/tasks', '/api/tasks', `/api/${ada.id}/tasks`, '/protected']) {
    expect((await t.call('GET', path, byCookie(ada))).statusCode).toBe(401);
  }
  await t.owner.query('DELETE FROM user_roles WHERE user_id = $1', [ada.id]);
  expect((await t.call('GET', TODOS, byCookie(ada))).statusCode).toBe(403);
});
