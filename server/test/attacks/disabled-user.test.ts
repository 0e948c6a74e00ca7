import { afterAll, beforeAll, expect, test } from 'vitest';
import { refreshCookie, TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { type MailedApp, outcomeOf, startMailedApp } from '../harness/mails.ts';
import { until } from '../harness/until.ts';

const WITHIN_MS = 1000;
let database: TestDatabase;
let one: MailedApp;
let two: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startMailedApp({}, { database });
  two = await startTestApp({}, { database });
});

afterAll(async () => {
  await one?.close();
  await two?.close();
  await database?.drop();
});

/** Everything by which somebody gets in, and how each of it is used. */
async function credentialsOf(ada: TestUser) {
  await one.call('PATCH', '/api/v1/users/me', { as: ada, body: { email: `new-${ada.email}` } });
  const confirm = await one.tokenFor(`new-${ada.email}`, 'confirm-email');
  await one.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const reset = await one.tokenFor(ada.email, 'reset-password');
  const api = await addApiToken(one.owner, ada.id, ['account:read']);
  const me = '/api/v1/users/me';
  return {
    'access token': (app: TestApp) => app.call('GET', me, { as: ada }),
    'API token': (app: TestApp) => app.call('GET', me, { headers: bearer(api.token) }),
    'refresh token': (app: TestApp) =>
      app.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(app.ctx, ada) } }),
    password: (app: TestApp) =>
      app.call('POST', '/api/v1/login', { body: { email: ada.email, password: TEST_PASSWORD } }),
    'reset link': (app: TestApp) =>
      app.call('POST', '/api/v1/password/reset', {
        body: { token: reset, password: 'another fine password' },
      }),
    'link of a new address': (app: TestApp) =>
      app.call('POST', '/api/v1/users/me/email/confirm', { body: { token: confirm } }),
  };
}

async function expectOut(ada: TestUser, act: () => Promise<unknown>) {
  const credentials = await credentialsOf(ada);
  // Both have remembered the session when it ends.
  for (const app of [one, two]) {
    expect((await credentials['access token'](app)).statusCode).toBe(200);
    expect((await credentials['API token'](app)).statusCode).toBe(200);
  }
  await act();
  const isOut = async (use: (app: TestApp) => ReturnType<TestApp['call']>) => {
    const statuses = [(await use(one)).statusCode, (await use(two)).statusCode];
    return statuses.every((status) => status === 401 || status === 410);
  };
  for (const name of ['access token', 'API token'] as const) {
    await until(() => isOut(credentials[name]), WITHIN_MS);
  }
  for (const use of Object.values(credentials)) expect(await isOut(use)).toBe(true);
  await one.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const links = (await one.deliver()).filter(({ mail }) => mail.text?.includes('reset-password#'));
  expect(links).toEqual([]);
}

test('a disabled user gets in by nothing, on two replicas, within one second', async () => {
  const [ada, root] = [await one.signIn('ada'), await one.signIn('root', ['user', 'admin'])];
  await expectOut(ada, async () => {
    const answer = await one.call('PATCH', `/api/v1/admin/users/${ada.id}`, {
      as: root,
      body: { status: 'disabled' },
    });
    expect(answer.statusCode).toBe(200);
  });
});

test('a deleted user gets in by nothing, on two replicas, within one second', async () => {
  const ada = await one.signIn('ada');
  await expectOut(ada, async () => {
    expect(outcomeOf(await one.call('DELETE', '/api/v1/users/me', { as: ada }))).toBe('200');
  });
});

test.each([
  ['disabled', "status = 'disabled'"],
  ['deleted', 'deleted_at = now()'],
])('links of a %s user are of no use, whatever else has happened to them', async (_name, state) => {
  const [ada, eve] = [await one.signIn('ada'), await one.addAccount({ status: 'unverified' })];
  const credentials = await credentialsOf(ada);
  await one.call('POST', '/api/v1/verify/resend', { body: { email: eve.email } });
  const verify = await one.tokenFor(eve.email, 'verify');
  await one.owner.query(`UPDATE users SET ${state} WHERE id = ANY ($1)`, [[ada.id, eve.id]]);
  const answers = [
    await credentials['reset link'](one),
    await credentials['link of a new address'](one),
    await one.call('GET', `/api/v1/verify/${verify}`),
  ];
  const gone = '410 token.expired_or_unknown';
  expect(answers.map(outcomeOf)).toEqual([gone, gone, gone]);
});
