import { afterAll, beforeAll, expect, test } from 'vitest';
import { openapiDocument } from '../../src/commands/openapi.ts';
import { createLog } from '../../src/platform/log.ts';
import { EXPECTATIONS } from '../access-matrix/expectations.ts';
import { cookieSetBy, refreshCookie, TEST_PASSWORD } from '../harness/accounts.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { setReachable } from '../harness/database.ts';

const lines: string[] = [];
const secrets = new Set<string>();
let t: TestApp;

beforeAll(async () => {
  const log = createLog('debug', { write: (line: string) => void lines.push(line) });
  t = await startTestApp({ RATE_LIMIT_DEFAULT: '100000/1m' }, { log });
});

afterAll(() => t?.close());

/** Calls every operation as somebody signed in, as nobody, and with credentials that are no good. */
async function driveEverything() {
  const { paths } = JSON.parse(await openapiDocument()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      const ada = await t.signIn();
      const cookie = refreshCookie(t.ctx, ada);
      secrets.add(ada.accessToken).add(cookie.split('=')[1] ?? '');
      const body = EXPECTATIONS[operationId]?.body;
      const call = { ...(body && { body }), headers: { cookie } };
      const url = `${path.replace('{id}', '1')}?access_token=${ada.accessToken}`;
      await t.call(method.toUpperCase(), url, { ...call, as: ada });
      await t.call(method.toUpperCase(), path, {
        ...call,
        headers: { ...call.headers, authorization: `Basic ${ada.accessToken}` },
      });
      await t.call(method.toUpperCase(), path, {
        raw: `{"password":"${TEST_PASSWORD}`,
        headers: { ...call.headers, 'content-type': 'application/json' },
      });
    }
  }
}

async function signInAndFail() {
  const { email } = await t.addAccount();
  secrets.add(TEST_PASSWORD).add('a wrong password').add('hunter2-in-the-address');
  const good = await t.call('POST', '/api/v1/login', { body: { email, password: TEST_PASSWORD } });
  const cookie = cookieSetBy(good);
  secrets.add(good.json().access_token).add(cookie.split('=')[1] ?? '');
  const refreshed = await t.call('POST', '/api/v1/refresh', { headers: { cookie } });
  secrets.add(refreshed.json().access_token).add(cookieSetBy(refreshed).split('=')[1] ?? '');
  const next = await t.call('POST', '/api/v1/refresh', {
    headers: { cookie: cookieSetBy(refreshed) },
  });
  secrets.add(cookieSetBy(next).split('=')[1] ?? '');
  await t.call('POST', '/api/v1/refresh', { headers: { cookie } });
  await t.call('POST', '/api/v1/login', { body: { email, password: 'a wrong password' } });
  await t.call('GET', '/api/v1/hunter2-in-the-address?token=hunter2-in-the-address');
  await t.call('GET', '/hunter2-in-the-address');
}

test('at debug level no token, password or cookie is in any line, whatever is called and however it ends', async () => {
  await driveEverything();
  await signInAndFail();
  const ada = await t.signIn();
  secrets.add(ada.accessToken);
  await t.owner.query('ALTER TABLE task_counts RENAME TO elsewhere');
  expect((await t.call('GET', '/api/v1/tasks/counts', { as: ada })).statusCode).toBe(500);
  await setReachable(t.database, false);
  const body = { email: 'x@example.org', password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/login', { body })).statusCode).toBe(503);
  await setReachable(t.database, true);

  const text = lines.join('');
  expect(lines.length).toBeGreaterThan(60);
  expect(text).toContain('refresh token reused');
  expect(text).toContain('"status":500');
  expect(text).toContain('"status":503');
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(encodeURIComponent(secret));
  }
  expect(text).not.toMatch(/eyJ[\w-]{10,}\.|\$2b\$|docket_refresh=|Bearer [\w-]{10}/);
});

test('every request line names route, status, duration and the request id of the answer', async () => {
  const ada = await t.signIn();
  lines.length = 0;
  const answer = await t.call('GET', '/api/v1/tasks/5', { as: ada });
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  const line = lines.map((it) => JSON.parse(it)).find((it) => it.msg === 'request');
  expect(line).toMatchObject({
    level: 'info',
    request_id: answer.headers['x-request-id'],
    method: 'GET',
    route: '/api/v1/tasks/:id',
    status: 404,
    user_id: ada.id,
  });
  expect(line.duration_ms).toBeGreaterThan(0);
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});
