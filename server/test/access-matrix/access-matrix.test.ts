import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { PERMISSIONS } from '../../src/auth/permissions.ts';
import { openapiDocument } from '../../src/commands/openapi.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import { refreshCookie } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { useTestApp } from '../harness/app.ts';
import { addIdentity } from '../harness/identities.ts';
import { EXPECTATIONS, type Expectation, type Owner } from './expectations.ts';

interface Operation {
  method: string;
  path: string;
  operationId: string;
  security?: unknown[];
  'x-access'?: string;
}

const REQUEST_ID = '0198f0a0-0000-7000-8000-000000000002';
/** Of nothing, whatever it is that is asked for. */
const ABSENT_IDS = ['999', '0198f0a0-0000-7000-8000-000000000003', '0', 'x'];
const TASK_IDS = ['1', '2', '3'];
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'];

// Nothing is asked of GitHub: the first step only tells where the browser goes.
const t = useTestApp({ GITHUB_CLIENT_ID: 'docket', GITHUB_CLIENT_SECRET: 'of the matrix' });
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
const administration = rows.filter(([, , expected]) => expected?.access === 'administration');
const owned = rows.filter(([, , expected]) => expected?.access === 'owned');

/** Somebody with one open task, one completed and one in the trash, and an API token for nothing. */
async function owner(roles = ['user']): Promise<Owner> {
  const ada = await t.signIn('owner', roles);
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title, status, completed_at, deleted_at) VALUES
       ($1, 1, 'secret of the owner', 'pending', NULL, NULL),
       ($1, 2, 'secret of the owner', 'completed', now(), NULL),
       ($1, 3, 'secret of the owner', 'pending', NULL, now())`,
    [ada.id],
  );
  const { id: apiTokenId } = await addApiToken(t.owner, ada.id, []);
  const identityId = await addIdentity(t.owner, ada.id);
  const other = await t.signIn('other');
  const deleted = await t.addAccount({ name: 'deleted', isDeleted: true });
  await t.owner.query('DELETE FROM roles WHERE NOT is_builtin');
  await t.owner.query("INSERT INTO roles (name) VALUES ('spare')");
  const mergeId = randomUUID();
  await t.owner.query(
    'INSERT INTO account_merges (user_id, id, merged_user_id) VALUES ($1, $2, $3)',
    [ada.id, mergeId, other.id],
  );
  const ids = { apiTokenId, identityId, otherId: other.id, deletedId: deleted.id, mergeId };
  return { ...ada, ...ids, roleName: 'spare' };
}

/** Whoever an operation is for. */
function ownerFor(expected: Expectation | undefined): Promise<Owner> {
  return owner(expected?.access === 'administration' ? ['user', 'admin'] : undefined);
}

/** Everything that is stored, to see that nothing has changed. */
async function stored(userId?: string): Promise<string> {
  const tables = [
    'users',
    'sessions',
    'api_tokens',
    'user_roles',
    'tasks',
    'task_counts',
    'idempotency_records',
  ];
  const parts: string[] = [];
  for (const table of tables) {
    const column = table === 'users' ? 'id' : 'user_id';
    const { rows: found } = await t.owner.query(
      `SELECT to_jsonb(x) - $2::text AS row FROM ${table} x WHERE $1::uuid IS NULL OR x.${column} = $1 ORDER BY 1`,
      // When an API token was last used is noted after the answer, even of a refusal.
      [userId ?? null, table === 'api_tokens' ? 'last_used_at' : ''],
    );
    parts.push(JSON.stringify(found));
  }
  return parts.join('\n');
}

/** The first is of something that every operation can be called with. */
function idsOf(operation: Operation, owner: Owner): string[] {
  return EXPECTATIONS[operation.operationId]?.ids?.(owner) ?? TASK_IDS;
}

function ownedId(operation: Operation, owner: Owner): string {
  return idsOf(operation, owner)[0] ?? '';
}

interface Options extends NonNullable<Parameters<typeof t.call>[2]> {
  /** Whom a path is about that names the user; default: who calls. */
  userId?: string;
}

function call(operation: Operation, id: string, { userId, ...options }: Options = {}) {
  const body = EXPECTATIONS[operation.operationId]?.body;
  const headers = { 'x-request-id': REQUEST_ID, ...options.headers };
  const path = operation.path
    .replace('{user_id}', userId ?? options.as?.id ?? 'nobody')
    .replace(/\{\w+\}/, id);
  return t.call(operation.method, path, { ...(body && { body }), ...options, headers });
}

/** The code of a refusal; compatibility APIs tell its sentence alone. */
function codeOf(answer: { json(): Record<string, unknown> }): unknown {
  const { code, detail, error } = answer.json();
  const told = Object.entries(ERROR_CODES).find(([, { message }]) => message === (detail ?? error));
  return code ?? told?.[0];
}

/** Ids that are well-formed for an operation: the earlier servers told malformed ones apart. */
function wellFormed(operation: Operation, ids: string[]): string[] {
  return operation.path.startsWith('/api/v1/') ? ids : ids.filter((id) => /^\d+$/.test(id));
}

test('every operation has a row of expectations, and every row an operation', () => {
  expect(operations.map((it) => it.operationId).sort()).toEqual(Object.keys(EXPECTATIONS).sort());
});

test('the description asks for a bearer token exactly where the table does', () => {
  for (const [name, operation, expected] of rows) {
    const asked = expected?.takesCookie
      ? '[{"bearer":[]},{"refreshCookie":[]}]'
      : '[{"bearer":[]}]';
    const isSecured = JSON.stringify(operation.security ?? []) === asked;
    expect([name, isSecured]).toEqual([name, expected?.access !== 'public']);
  }
});

test.each(rows)('%s › succeeds for whom it is for', async (_name, operation, expected) => {
  const ada = await ownerFor(expected);
  const options = expected?.access === 'public' ? {} : { as: ada };
  const answer = await call(operation, ownedId(operation, ada), options);
  expect(answer.statusCode).toBe(expected?.status);
});

test.each(forUsers)(
  '%s › 401 without a valid token, whoever one claims to be, and no row changes',
  async (_name, operation, expected) => {
    const ada = await owner();
    const before = await stored();
    const claims = { user_id: ada.id, userId: ada.id, sub: ada.id, id: ada.id };
    const credentials = [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${ada.id}` },
      { authorization: `Basic ${Buffer.from(`${ada.email}:x`).toString('base64')}` },
      ...(expected?.takesCookie ? [] : [{ cookie: refreshCookie(t.ctx, ada) }]),
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
        const answer = await call({ ...operation, path }, id, {
          ...body,
          headers,
          userId: ada.id,
        });
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
      for (const id of wellFormed(operation, [...idsOf(operation, ada), ...ABSENT_IDS, ada.id])) {
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

test.each(administration)(
  '%s › 403 for whoever lacks the permission, in person or by a program, and no row changes',
  async (_name, operation) => {
    const ada = await owner();
    const { token } = await addApiToken(t.owner, ada.id, [...PERMISSIONS]);
    const before = await stored();
    for (const options of [{ as: ada }, { headers: bearer(token) }]) {
      for (const id of [ownedId(operation, ada), ...ABSENT_IDS]) {
        const answer = await call(operation, id, options);
        expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'permission.missing']);
      }
    }
    expect(await stored()).toBe(before);
  },
);

/** Somebody whose role allows exactly this. */
async function administratorWith(permissions: string[]) {
  await t.owner.query("INSERT INTO roles (name) VALUES ('tried') ON CONFLICT DO NOTHING");
  await t.owner.query("DELETE FROM role_permissions WHERE role_name = 'tried'");
  await t.owner.query("INSERT INTO role_permissions SELECT 'tried', unnest($1::text[])", [
    permissions,
  ]);
  return t.signIn('administrator', ['tried']);
}

test.each(administration)(
  '%s › the permission that the description names is needed, all others together are not enough',
  async (_name, operation, expected) => {
    const needed = operation['x-access'] ?? '';
    const ada = await owner();
    const id = ownedId(operation, ada);
    const lacking = await administratorWith(PERMISSIONS.filter((it) => it !== needed));
    const before = await stored();
    const refused = await call(operation, id, { as: lacking });
    expect([refused.statusCode, codeOf(refused)]).toEqual([403, 'permission.missing']);
    expect(await stored()).toBe(before);
    const holding = await administratorWith([needed, ...(expected?.alsoNeeds ?? [])]);
    expect((await call(operation, id, { as: holding })).statusCode).toBe(expected?.status);
  },
);

/** What a program may do for somebody follows from the description alone. */
test.each(forUsers)(
  '%s › an API token made for it does what its owner does, any other is 403; none acts in person',
  async (_name, operation, expected) => {
    const ada = await ownerFor(expected);
    const needed = operation['x-access'] ?? '';
    const isPersonal = needed === 'session';
    const others = PERMISSIONS.filter((it) => it !== needed);
    const id = ownedId(operation, ada);
    const lacking = await addApiToken(t.owner, ada.id, others);
    const asProgram = (token: string) => ({ headers: bearer(token), userId: ada.id });
    const refused = await call(operation, id, asProgram(lacking.token));
    const code = isPersonal ? 'api_token.not_allowed' : 'permission.missing';
    expect([refused.statusCode, codeOf(refused)]).toEqual([403, code]);
    expect(refused.body).not.toContain('secret of the owner');
    const scopes = isPersonal ? [...PERMISSIONS] : [needed, ...(expected?.alsoNeeds ?? [])];
    const made = await addApiToken(t.owner, ada.id, scopes);
    const answer = await call(operation, id, asProgram(made.token));
    expect(answer.statusCode).toBe(isPersonal ? 403 : expected?.status);
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
  expect([401, 404, 410]).toContain((await call(operation, id)).statusCode);
  expect([400, 403, 404, 410]).toContain((await call(operation, id, { as: ada })).statusCode);
  expect(await stored()).toBe(before);
});
