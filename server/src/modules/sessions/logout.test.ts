import { expect, test } from 'vitest';
import { refreshCookie } from '../../../test/harness/accounts.ts';
import { startTestApp, TEST_ORIGIN, type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

async function endReason({ sessionId }: TestUser) {
  const { rows } = await t.owner.query('SELECT end_reason FROM sessions WHERE id = $1', [
    sessionId,
  ]);
  return rows[0].end_reason;
}

test('POST /logout › by cookie: 204, the cookie is cleared, the session and its access token end at once', async () => {
  const ada = await t.signIn();
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).statusCode).toBe(200);
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  const answer = await t.call('POST', '/api/v1/logout', { headers });
  expect([answer.statusCode, answer.body]).toEqual([204, '']);
  expect(answer.headers['set-cookie']).toMatch(
    /^docket_refresh=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(await endReason(ada)).toBe('logout');
  expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(401);
  const read = await t.call('GET', '/api/v1/tasks', { as: ada });
  expect([read.statusCode, read.json().code]).toEqual([401, 'session.invalid']);
});

test('POST /logout › by bearer token, with {} or no body, again and again', async () => {
  const ada = await t.signIn();
  for (const body of [undefined, {}]) {
    const answer = await t.call('POST', '/api/v1/logout', { as: ada, ...(body && { body }) });
    expect(answer.statusCode).toBe(204);
  }
  expect(await endReason(ada)).toBe('logout');
});

test("POST /logout › ends one's own session and no other", async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  await t.call('POST', '/api/v1/logout', { as: ada });
  expect((await t.call('GET', '/api/v1/tasks', { as: bob })).statusCode).toBe(200);
});

test('POST /logout › without or with a useless credential: 204 all the same', async () => {
  const attempts = [
    {},
    { cookie: 'docket_refresh=x' },
    { authorization: 'Bearer x' },
    { authorization: 'Basic eA==' },
  ];
  for (const headers of attempts) {
    expect((await t.call('POST', '/api/v1/logout', { headers })).statusCode).toBe(204);
  }
});

const REFUSED = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: `${TEST_ORIGIN}.evil.example` },
  { origin: TEST_ORIGIN.replace('http:', 'https:') },
  { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'cross-site' },
];

test.each(REFUSED)(
  '%j › a request that another site made the browser send is 403 and does nothing',
  async (extra) => {
    const ada = await t.signIn();
    const headers = { cookie: refreshCookie(t.ctx, ada), ...extra };
    for (const path of ['refresh', 'logout']) {
      const answer = await t.call('POST', `/api/v1/${path}`, { headers });
      expect([path, answer.statusCode, answer.json().code]).toEqual([path, 403, 'origin.refused']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    const { rows } = await t.owner.query(
      'SELECT refresh_counter, ended_at FROM sessions WHERE id = $1',
      [ada.sessionId],
    );
    expect(rows).toEqual([{ refresh_counter: 0, ended_at: null }]);
  },
);

test.each([
  { origin: TEST_ORIGIN, 'sec-fetch-site': 'cross-site' },
  { origin: TEST_ORIGIN },
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'none' },
  {},
])('%j › a request of this site, or of a program, passes', async (extra) => {
  const ada = await t.signIn();
  const headers = { cookie: refreshCookie(t.ctx, ada), ...extra };
  expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(200);
});

test('origins in CORS_ORIGINS may use the cookie, others not', async () => {
  const settings = {
    PUBLIC_URL: 'https://tasks.example.org',
    CORS_ORIGINS: 'https://front.example',
    COOKIE_SAMESITE: 'none',
  };
  const other = await startTestApp(settings);
  const ada = await other.signIn();
  const refresh = (origin: string) =>
    other.call('POST', '/api/v1/refresh', {
      headers: { cookie: refreshCookie(other.ctx, ada), origin },
    });
  expect((await refresh('https://front.example')).statusCode).toBe(200);
  expect((await refresh('https://tasks.example.org')).statusCode).toBe(200);
  expect((await refresh('https://front.example.evil')).statusCode).toBe(403);
  await other.close();
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/json; x=y',
])('a body of type %s, which a form could send, is 415', async (type) => {
  const ada = await t.signIn();
  const headers = { cookie: refreshCookie(t.ctx, ada), 'content-type': type };
  for (const path of ['refresh', 'logout']) {
    const answer = await t.call('POST', `/api/v1/${path}`, { headers, raw: '{}' });
    expect([path, answer.statusCode]).toEqual([path, 415]);
  }
  expect(await endReason(ada)).toBeNull();
});

test('refresh and logout take no other method', async () => {
  const ada = await t.signIn();
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
    for (const path of ['refresh', 'logout']) {
      const answer = await t.call(method, `/api/v1/${path}`, { headers });
      expect([method, path, answer.statusCode]).toEqual([method, path, 404]);
    }
  }
  expect(await endReason(ada)).toBeNull();
});
