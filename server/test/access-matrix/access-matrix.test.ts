import { expect, test } from 'vitest';
import { openapiDocument } from '../../src/commands/openapi.ts';
import { refreshCookie } from '../harness/accounts.ts';
import { type TestUser, useTestApp } from '../harness/app.ts';
import { EXPECTATIONS } from './expectations.ts';

interface Operation {
  method: string;
  path: string;
  operationId: string;
  security?: unknown[];
}

const REQUEST_ID = '0198f0a0-0000-7000-8000-000000000002';
/** Of nothing, whatever it is that is asked for. */
const ABSENT_IDS = ['999', '0198f0a0-0000-7000-8000-000000000003', '0', 'x'];
const TASK_IDS = ['1', '2', '3'];
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'];

const t = useTestApp();
const description = JSON.parse(await openapiDocument());
const operations: Operation[] = Object.entries<Record<string, object>>(description.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => ({ ...operation, method: method.toUpperCase(), path }) as Operation,
    ),
);
const rows = operations.map(
  (operation) => [operation.operationId, operation, EXPECTATIONS[operation.operationId]] as const,
);
const forUsers = rows.filter(([, , expected]) => expected?.access !== 'public');
const owned = rows.filter(([, , expected]) => expected?.access === 'owned');

/** Somebody with one open task, one completed and one in the trash. */
async function owner(): Promise<TestUser> {
  const ada = await t.signIn();
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title, status, completed_at, deleted_at) VALUES
       ($1, 1, 'secret of the owner', 'pending', NULL, NULL),
       ($1, 2, 'secret of the owner', 'completed', now(), NULL),
       ($1, 3, 'secret of the owner', 'pending', NULL, now())`,
    [ada.id],
  );
  return ada;
}

/** Everything that is stored, to see that nothing has changed. */
async function stored(userId?: string): Promise<string> {
  const tables = ['users', 'sessions', 'tasks', 'task_counts', 'idempotency_records'];
  const parts: string[] = [];
  for (const table of tables) {
    const column = table === 'users' ? 'id' : 'user_id';
    const { rows: found } = await t.owner.query(
      `SELECT to_jsonb(x) AS row FROM ${table} x WHERE $1::uuid IS NULL OR x.${column} = $1 ORDER BY 1`,
      [userId ?? null],
    );
    parts.push(JSON.stringify(found));
  }
  return parts.join('\n');
}

/** The first is of something that every operation can be called with. */
function idsOf(operation: Operation, owner: TestUser): string[] {
  return EXPECTATIONS[operation.operationId]?.ids?.(owner) ?? TASK_IDS;
}

function ownedId(operation: Operation, owner: TestUser): string {
  return idsOf(operation, owner)[0] ?? '';
}

function call(operation: Operation, id: string, options: Parameters<typeof t.call>[2] = {}) {
  const body = EXPECTATIONS[operation.operationId]?.body;
  const headers = { 'x-request-id': REQUEST_ID, ...options.headers };
  const path = operation.path.replace('{id}', id);
  return t.call(operation.method, path, { ...(body && { body }), ...options, headers });
}

test('every operation has a row of expectations, and every row an operation', () => {
  expect(operations.map((it) => it.operationId).sort()).toEqual(Object.keys(EXPECTATIONS).sort());
});

test('the description asks for a bearer token exactly where the table does', () => {
  for (const [name, operation, expected] of rows) {
    const isSecured = JSON.stringify(operation.security ?? []) === '[{"bearer":[]}]';
    expect([name, isSecured]).toEqual([name, expected?.access !== 'public']);
  }
});

test.each(rows)('%s › succeeds for whom it is for', async (_name, operation, expected) => {
  const ada = await owner();
  const options = expected?.access === 'public' ? {} : { as: ada };
  const answer = await call(operation, ownedId(operation, ada), options);
  expect(answer.statusCode).toBe(expected?.status);
});

test.each(forUsers)(
  '%s › 401 without a valid token, whoever one claims to be, and no row changes',
  async (_name, operation) => {
    const ada = await owner();
    const before = await stored();
    const claims = { user_id: ada.id, userId: ada.id, sub: ada.id, id: ada.id };
    const credentials = [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${ada.id}` },
      { authorization: `Basic ${Buffer.from(`${ada.email}:x`).toString('base64')}` },
      { cookie: refreshCookie(t.ctx, ada) },
      { cookie: `access_token=${ada.accessToken}` },
      {
        'x-user-id': ada.id,
        'x-sub': ada.id,
        'x-forwarded-user': ada.email,
        'x-access-token': ada.accessToken,
      },
    ];
    const query = new URLSearchParams({ ...claims, access_token: ada.accessToken });
    for (const headers of credentials) {
      for (const path of [operation.path, `${operation.path}?${query}`]) {
        const body =
          operation.method === 'GET'
            ? {}
            : { body: { ...EXPECTATIONS[operation.operationId]?.body, ...claims } };
        const id = ownedId(operation, ada);
        const answer = await call({ ...operation, path }, id, { ...body, headers });
        expect(answer.statusCode).toBe(401);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
        expect(answer.body).not.toContain('secret of the owner');
      }
    }
    expect(await stored()).toBe(before);
  },
);

test.each(owned)(
  "%s › another's id is 404, byte for byte as an absent one, and the row is unchanged",
  async (_name, operation) => {
    const [ada, bob] = [await owner(), await t.signIn()];
    const before = await stored(ada.id);
    for (const headers of [
      {},
      { 'if-match': '"1"' },
      { 'if-match': '"9"' },
      { 'if-none-match': '"1"' },
    ]) {
      const answers = [];
      for (const id of [...idsOf(operation, ada), ...ABSENT_IDS, ada.id]) {
        const { statusCode, headers: sent, body } = await call(operation, id, { as: bob, headers });
        const { date: _date, ...others } = sent;
        answers.push(JSON.stringify({ statusCode, others, body }));
      }
      expect(new Set(answers).size).toBe(1);
      expect(JSON.parse(answers[0] ?? '').statusCode).toBe(404);
    }
    expect(await stored(ada.id)).toBe(before);
  },
);

test.each(forUsers)(
  "%s › shows and changes nothing of anybody else's",
  async (_name, operation) => {
    const [ada, bob] = [await owner(), await t.signIn()];
    const before = await stored(ada.id);
    const answer = await call(operation, ownedId(operation, ada), { as: bob });
    expect(answer.body).not.toContain('secret of the owner');
    expect(answer.body).not.toContain(ada.id);
    expect(await stored(ada.id)).toBe(before);
  },
);

const described = new Set(operations.map(({ method, path }) => `${method} ${path}`));
const undescribed = Object.keys(description.paths)
  .filter((path) => path.startsWith('/api/'))
  .flatMap((path) => METHODS.map((method) => [method.toUpperCase(), path] as const))
  .filter(([method, path]) => !described.has(`${method} ${path}`));

test.each(undescribed)('%s %s › is not described, so nothing answers', async (method, path) => {
  const ada = await owner();
  const before = await stored();
  const operation = { method, path, operationId: '' };
  // A parametrised neighbour may be asked instead, such as `PUT /tasks/{id}` by `PUT /tasks/counts`.
  const id = ownedId(operation, ada);
  expect([401, 404]).toContain((await call(operation, id)).statusCode);
  expect([400, 404]).toContain((await call(operation, id, { as: ada })).statusCode);
  expect(await stored()).toBe(before);
});
