import { expect, test } from 'vitest';
import { refreshCookie, TEST_PASSWORD, TEST_PASSWORD_HASH } from './harness/accounts.ts';
import { addApiToken, bearer } from './harness/api-tokens.ts';
import { type TestUser, useTestApp } from './harness/app.ts';
import { statementsOf } from './harness/statements.ts';
import { until } from './harness/until.ts';

const t = useTestApp();

const REQUESTS = {
  list: ['GET', '', undefined],
  search: ['GET', '?q=x&sort=title&created_from=2026-01-01T00:00:00Z', undefined],
  counts: ['GET', '/counts', undefined],
  read: ['GET', '/1', undefined],
  create: ['POST', '', { title: 'new' }],
  change: ['PATCH', '/1', { title: 'changed' }],
  replace: ['PUT', '/1', { title: 'x', description: null, status: 'in_progress' }],
  complete: ['PUT', '/1/completion', { completed: true }],
  bulk: ['POST', '/bulk', { action: 'reopen', ids: [1, 2] }],
  delete: ['DELETE', '/2', undefined],
  restore: ['POST', '/2/restore', undefined],
} as const;

test.each(Object.entries(REQUESTS))(
  '%s › one statement, once the session is known',
  async (_name, [method, path, body]) => {
    const ada = await t.signIn();
    await t.owner.query(
      "INSERT INTO tasks (user_id, id, title, deleted_at) VALUES ($1, 1, 'x', NULL), ($1, 2, 'y', $2)",
      [ada.id, method === 'POST' && path === '/2/restore' ? new Date() : null],
    );
    await known(ada);
    const statements = await statementsOf(async () => {
      const answer = await t.call(method, `/api/v1/tasks${path}`, {
        as: ada,
        ...(body && { body }),
      });
      expect(answer.statusCode).toBeLessThan(300);
    });
    expect(statements).toHaveLength(1);
  },
);

test.each([
  ['GET', '/api/tasks', undefined],
  ['GET', '/api/tasks?limit=100', undefined],
  ['GET', '/api/tasks/1', undefined],
  ['PUT', '/api/tasks/1', { title: 'changed', completed: true }],
  ['PATCH', '/api/tasks/1/toggle', undefined],
  ['GET', '/api/{user}/tasks', undefined],
  ['PATCH', '/api/{user}/tasks/1/complete', { completed: true }],
  ['DELETE', '/api/{user}/tasks/1', undefined],
] as const)('%s %s › one statement too', async (method, path, body) => {
  const ada = await t.signIn();
  await t.owner.query("INSERT INTO tasks (user_id, id, title) VALUES ($1, 1, 'x')", [ada.id]);
  await t.call('GET', '/api/v1/tasks/counts', { as: ada });
  const statements = await statementsOf(async () => {
    const address = path.replace('{user}', ada.id);
    const answer = await t.call(method, address, { as: ada, ...(body && { body }) });
    expect(answer.statusCode).toBeLessThan(300);
  });
  expect(statements).toHaveLength(1);
});

/** The first word of every statement. */
function kindsOf(statements: string[]): (string | undefined)[] {
  return statements.map((text) => /^\w+/.exec(text.trim())?.[0]?.toLowerCase());
}

/** Somebody whose session this process knows. */
async function known(user: TestUser): Promise<TestUser> {
  await until(async () => {
    const asked = await statementsOf(() => t.call('GET', '/api/v1/tasks/counts', { as: user }));
    return asked.length === 1;
  });
  return user;
}

test('a request with an API token › one statement, once the token is known', async () => {
  const ada = await t.signIn();
  const { token } = await addApiToken(t.owner, ada.id, ['tasks:read']);
  const list = () => t.call('GET', '/api/v1/tasks', { headers: bearer(token) });
  await until(async () => (await statementsOf(list)).length === 1);
  expect(await statementsOf(list)).toHaveLength(1);
});

test('login › the credentials, then sign-in, session and event in one transaction', async () => {
  // Of the present cost, so that it need not be renewed.
  const { email } = await t.addAccount({ passwordHash: TEST_PASSWORD_HASH });
  const body = { email, password: TEST_PASSWORD };
  const statements = await statementsOf(() => t.call('POST', '/api/v1/login', { body }));
  expect(kindsOf(statements)).toEqual(['select', 'begin', 'update', 'insert', 'with', 'commit']);
});

test('refresh › the session is moved on, its user read', async () => {
  const ada = await t.signIn();
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  const statements = await statementsOf(async () => {
    expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(200);
  });
  // Without Redis, the limit of the session is counted in the database.
  expect(kindsOf(statements)).toEqual(['with', 'update', 'select']);
});

test.each([
  ['/api/v1/users/me', 2],
  ['/api/v1/users/me/activity', 1],
  ['/api/v1/users/me/sessions', 1],
  ['/api/v1/users/me/api-tokens', 1],
  // The page and its total, next to each other.
  ['/api/v1/admin/users?status=active&sort=email', 2],
  ['/api/v1/admin/roles', 1],
  // What is read is written down.
  ['/api/v1/admin/audit', 2],
])('GET %s › %i statements', async (url, count) => {
  const admin = await known(await t.signIn('admin', ['admin']));
  const statements = await statementsOf(async () => {
    expect((await t.call('GET', url, { as: admin })).statusCode).toBe(200);
  });
  expect(statements).toHaveLength(count);
});

test('create with an Idempotency-Key › its change and record, a lock and a look, in one transaction', async () => {
  const ada = await t.signIn();
  await t.call('GET', '/api/v1/tasks/counts', { as: ada });
  const statements = await statementsOf(() =>
    t.call('POST', '/api/v1/tasks', {
      as: ada,
      body: { title: 'x' },
      headers: { 'idempotency-key': 'k' },
    }),
  );
  expect(kindsOf(statements)).toEqual(['begin', 'select', 'select', 'insert', 'insert', 'commit']);
});
