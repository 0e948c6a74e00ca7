import { expect, test } from 'vitest';
import { type TestApp, type TestUser, useTwoTestApps } from '../../../test/harness/app.ts';
import { endSessions, setReachable } from '../../../test/harness/database.ts';
import { statementsOf } from '../../../test/harness/statements.ts';
import { until } from '../../../test/harness/until.ts';
import { SessionStates } from './session-states.ts';

/** The promise: every replica knows within a second. */
const PROMISED_MS = 1000;

const [one, two] = useTwoTestApps();

function read(app: TestApp, as: TestUser) {
  return app.call('GET', '/api/v1/tasks/counts', { as });
}

/** Calls until the server answers from memory, without asking the database about the session. */
async function warmUp(app: TestApp, as: TestUser) {
  await until(async () => {
    const statements = await statementsOf(() => read(app, as));
    return statements.length === 1 && !/sessions/.test(statements[0] ?? '');
  });
}

async function refusedWithin(app: TestApp, as: TestUser, code: string) {
  await until(async () => {
    const answer = await read(app, as);
    return answer.statusCode === 401 && answer.json().code === code;
  }, PROMISED_MS);
}

test('a session ended on one server is refused on the other within a second, although known there', async () => {
  const ada = await one.signIn();
  await warmUp(two, ada);
  await one.call('POST', '/api/v1/logout', { as: ada });
  await refusedWithin(two, ada, 'session.invalid');
  expect((await read(one, ada)).statusCode).toBe(401);
});

test.each([
  ['a raised auth_version', 'auth_version = auth_version + 1', 'token.stale'],
  ['disabling', "status = 'disabled', auth_version = auth_version + 1", 'session.invalid'],
  ['deleting', 'deleted_at = now(), auth_version = auth_version + 1', 'session.invalid'],
])('%s is heard by both servers within a second', async (_name, change, code) => {
  const ada = await one.signIn();
  const bob = await one.signIn();
  await warmUp(one, ada);
  await warmUp(two, ada);
  await warmUp(two, bob);
  await one.owner.query(`UPDATE users SET ${change} WHERE id = $1`, [ada.id]);
  await one.owner.query("SELECT pg_notify('docket_account_changes', $1)", [`user:${ada.id}`]);
  await Promise.all([refusedWithin(one, ada, code), refusedWithin(two, ada, code)]);
  expect((await read(two, bob)).statusCode).toBe(200);
});

test('a server whose listener is gone asks the database, so that it misses nothing', async () => {
  const ada = await one.signIn();
  await warmUp(two, ada);
  expect(await endSessions(one.database, 'pg_notify|LISTEN')).toBeGreaterThanOrEqual(2);
  await one.owner.query(
    "UPDATE sessions SET ended_at = now(), end_reason = 'admin' WHERE id = $1",
    [ada.sessionId],
  );
  // No message was sent at all: only somebody who asks can know.
  await refusedWithin(two, ada, 'session.invalid');
});

test('while nothing is heard, the database is asked each time and nothing remembered is believed', async () => {
  const ada = await one.signIn();
  let isDeaf = false;
  const states = new SessionStates(one.ctx.db, { isHearing: () => !isDeaf }, one.ctx);
  const claims = await one.ctx.accessTokens.verify(ada.accessToken);
  await states.check(claims);
  expect(states.check(claims)).toBeUndefined();
  await one.owner.query(
    "UPDATE sessions SET ended_at = now(), end_reason = 'admin' WHERE id = $1",
    [ada.sessionId],
  );
  expect(states.check(claims)).toBeUndefined();
  isDeaf = true;
  await expect(states.check(claims)).rejects.toMatchObject({ code: 'session.invalid' });
});

test('after the listener is back, states are remembered again and changes are heard', async () => {
  const ada = await one.signIn();
  await warmUp(two, ada);
  await one.call('POST', '/api/v1/logout', { as: ada });
  await refusedWithin(two, ada, 'session.invalid');
});

test('a token with a newer version than the one remembered makes the server look', async () => {
  const ada = await one.signIn();
  await warmUp(two, ada);
  await one.owner.query('UPDATE users SET auth_version = 2 WHERE id = $1', [ada.id]);
  const accessToken = await one.ctx.accessTokens.issue({
    userId: ada.id,
    sessionId: ada.sessionId,
    authVersion: 2,
    authenticatedAtSeconds: Math.floor(Date.now() / 1000),
    permissions: ['tasks:read'],
  });
  expect((await read(two, { ...ada, accessToken })).statusCode).toBe(200);
  expect((await read(two, ada)).json().code).toBe('token.stale');
});

test("a genuine token for a session of another user, or of nobody's, is refused", async () => {
  const [ada, bob] = [await one.signIn(), await one.signIn()];
  const issue = (sessionId: string) =>
    one.ctx.accessTokens.issue({
      userId: ada.id,
      sessionId,
      authVersion: 1,
      authenticatedAtSeconds: Math.floor(Date.now() / 1000),
      permissions: ['tasks:read'],
    });
  for (const sessionId of [bob.sessionId, '0198f0a0-0000-7000-8000-000000000001']) {
    const answer = await read(one, { ...ada, accessToken: await issue(sessionId) });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'session.invalid']);
  }
});

test('while the database is away, requests are 503 and none passes, remembered or not; afterwards all is well', async () => {
  const ada = await one.signIn();
  await warmUp(two, ada);
  await setReachable(one.database, false);
  for (const app of [one, two]) {
    const answer = await read(app, ada);
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'database.unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
    const ready = await app.call('GET', '/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toEqual({
      status: 'unavailable',
      dependencies: { database: { status: 'down', latency_ms: null } },
    });
    expect((await app.call('GET', '/health')).statusCode).toBe(200);
  }
  await setReachable(one.database, true);
  await until(async () => (await read(two, ada)).statusCode === 200);
});
