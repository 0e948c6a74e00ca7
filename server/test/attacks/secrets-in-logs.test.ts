import { afterAll, beforeAll, expect, test } from 'vitest';
import { openapiDocument } from '../../src/commands/openapi.ts';
import { mintSetupLink } from '../../src/modules/setup/setup.service.ts';
import { createLog } from '../../src/platform/log.ts';
import { EXPECTATIONS } from '../access-matrix/expectations.ts';
import { cookieSetBy, refreshCookie, TEST_PASSWORD } from '../harness/accounts.ts';
import { bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { setReachable } from '../harness/database.ts';
import { startMailedApp } from '../harness/mails.ts';

const lines: string[] = [];
const log = createLog('debug', { write: (line: string) => void lines.push(line) });
const secrets = new Set<string>();
let t: TestApp;

beforeAll(async () => {
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

async function callWithApiToken() {
  const ada = await t.signIn();
  const body = { name: 'a token', scopes: ['tasks:read'] };
  const made = await t.call('POST', '/api/v1/users/me/api-tokens', { as: ada, body });
  secrets.add(made.json().token);
  const headers = bearer(made.json().token);
  for (const path of ['tasks', 'users/me/api-tokens', `tasks?access_token=${made.json().token}`]) {
    await t.call('GET', `/api/v1/${path}`, { headers });
  }
  await t.call('DELETE', `/api/v1/users/me/api-tokens/${made.json().id}`, { as: ada });
  await t.call('GET', '/api/v1/tasks', { headers });
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
  await callWithApiToken();
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
  expect(text).not.toMatch(/eyJ[\w-]{10,}\.|\$2b\$|docket_refresh=|Bearer [\w-]{10}|dkt_/);
});

test('no token of a mailed or printed link is in any line, whether it is good or not', async () => {
  const mailed = await startMailedApp({}, { log });
  lines.length = 0;
  const ada = await mailed.signIn();
  await mailed.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  await mailed.call('PATCH', '/api/v1/users/me', { as: ada, body: { email: 'l@example.org' } });
  const body = { email: 'v@example.org', password: TEST_PASSWORD };
  await mailed.call('POST', '/api/v1/register', { body });
  const reset = await mailed.tokenFor(ada.email, 'reset-password');
  const confirm = await mailed.tokenFor('l@example.org', 'confirm-email');
  const verify = await mailed.tokenFor('v@example.org', 'verify');
  const setup = (await mintSetupLink(mailed.ctx))?.split('#')[1] ?? '';
  for (let i = 0; i < 2; i++) {
    await mailed.call('GET', `/api/v1/verify/${verify}`);
    await mailed.call('POST', '/api/v1/users/me/email/confirm', { body: { token: confirm } });
    const again = { token: reset, password: TEST_PASSWORD };
    await mailed.call('POST', '/api/v1/password/reset', { body: again });
    const root = { token: setup, email: 'root@example.org', password: TEST_PASSWORD };
    await mailed.call('POST', '/api/v1/setup', { body: root });
  }
  await mailed.close();
  expect(lines.length).toBeGreaterThan(10);
  for (const secret of [reset, confirm, verify, setup]) {
    expect(secret).toHaveLength(43);
    expect(lines.join('')).not.toContain(secret);
  }
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
