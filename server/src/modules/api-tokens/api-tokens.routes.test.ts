import { expect, test } from 'vitest';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { isApiToken } from '../../auth/api-token.ts';
import { runJob } from '../../jobs.ts';

const PATH = '/api/v1/users/me/api-tokens';
const DAY_MS = 86_400_000;
const t = useTestApp();

function create(as: TestUser, body: object = {}) {
  return t.call('POST', PATH, { as, body: { name: 'Backup', scopes: ['tasks:read'], ...body } });
}

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString();
}

async function list(as: TestUser, query = '') {
  const answer = await t.call('GET', `${PATH}${query}`, { as });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

test('POST › 201 with the token, which works and is never shown again', async () => {
  const ada = await t.signIn();
  const scopes = ['tasks:write', 'tasks:read', 'tasks:read'];
  const answer = await create(ada, { name: '  Backup  ', scopes });
  expect(answer.statusCode).toBe(201);
  expect(answer.headers['cache-control']).toBe('no-store');
  const { token, ...made } = answer.json();
  expect(isApiToken(token)).toBe(true);
  expect(made).toMatchObject({
    name: 'Backup',
    hint: token.slice(-4),
    scopes: ['tasks:read', 'tasks:write'],
    last_used_at: null,
    is_expired: false,
  });
  expect(Date.parse(made.expires_at) - Date.now()).toBeGreaterThan(89.9 * DAY_MS);
  expect(Date.parse(made.expires_at) - Date.now()).toBeLessThan(90.1 * DAY_MS);
  const use = await t.call('GET', '/api/v1/tasks', { headers: bearer(token) });
  expect(use.statusCode).toBe(200);
  const page = await t.call('GET', PATH, { as: ada });
  expect(page.body).not.toContain(token.slice(0, -4));
  expect(page.json().items).toHaveLength(1);
});

test('a token is stored as its SHA-256 alone, and its name in the audit log is personal', async () => {
  const ada = await t.signIn();
  const { id, token } = (await create(ada, { name: 'Ada’s phone' })).json();
  expect((await t.call('DELETE', `${PATH}/${id}`, { as: ada })).statusCode).toBe(204);
  const { rows: tables } = await t.owner.query(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
  );
  for (const { tablename } of tables) {
    const { rows } = await t.owner.query(`SELECT to_jsonb(x)::text AS row FROM ${tablename} x`);
    const text = rows.map((row) => row.row).join('\n');
    expect(text).not.toContain(token.slice(4, 47));
    const mayHoldNames = ['api_tokens', 'audit_personal'].includes(tablename);
    expect([tablename, mayHoldNames || !text.includes('Ada’s phone')]).toEqual([tablename, true]);
  }
  const { rows } = await t.owner.query(
    `SELECT action, actor_id, target_kind, target_id, changes, data FROM audit_events
     JOIN audit_personal ON audit_personal.position = audit_events.position AND part = 'subject'
     WHERE audit_events.user_id = $1 ORDER BY audit_events.position`,
    [ada.id],
  );
  const target = { actor_id: ada.id, target_kind: 'api_token', target_id: id };
  const data = { name: 'Ada’s phone' };
  expect(rows).toEqual([
    {
      ...target,
      action: 'api_token.created',
      changes: { scopes: ['tasks:read'], expires_at: expect.any(String) },
      data,
    },
    { ...target, action: 'api_token.revoked', changes: {}, data },
  ]);
});

test.each([
  [null, null],
  ['a time', inDays(10)],
  ['nearly a year', inDays(365)],
])('POST › expires_at: %s', async (_name, expiresAt) => {
  const answer = await create(await t.signIn(), { expires_at: expiresAt });
  expect([answer.statusCode, answer.json().expires_at]).toEqual([201, expiresAt]);
});

test('POST › expires_at with another offset is the same moment', async () => {
  const answer = await create(await t.signIn(), {
    expires_at: inDays(10).replace('Z', '+00:00').replace('T', 't'),
  });
  expect(answer.statusCode).toBe(201);
});

test.each([
  ['no name', { name: undefined }, '/name'],
  ['an empty name', { name: ' ' }, '/name'],
  ['a long name', { name: 'x'.repeat(101) }, '/name'],
  ['a name with NUL', { name: 'a\u0000' }, '/name'],
  ['no scopes', { scopes: undefined }, '/scopes'],
  ['an empty list of scopes', { scopes: [] }, '/scopes'],
  ['scopes as text', { scopes: 'tasks:read' }, '/scopes'],
  ['an unknown scope', { scopes: ['tasks:read', 'tasks:fly'] }, '/scopes/1'],
  ['the word for signed in', { scopes: ['session'] }, '/scopes/0'],
  ['a scope that one does not hold', { scopes: ['tasks:read', 'users:read'] }, '/scopes/1'],
  ['a time that is over', { expires_at: inDays(-1) }, '/expires_at'],
  ['more than a year', { expires_at: inDays(367) }, '/expires_at'],
  ['a time that is none', { expires_at: 'tomorrow' }, '/expires_at'],
  ['a leap second', { expires_at: `${inDays(5).slice(0, 17)}60Z` }, '/expires_at'],
  ['a number as time', { expires_at: 1 }, '/expires_at'],
  ['a token of one’s own', { token: 'dkt_x' }, '/token'],
  ['a user', { user_id: 'x' }, '/user_id'],
])('POST › 400 for %s', async (_name, body, pointer) => {
  const ada = await t.signIn();
  const answer = await create(ada, body);
  expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, pointer]);
  expect((await list(ada)).items).toEqual([]);
});

test('POST › scopes are what one holds at that moment, not what an older access token says', async () => {
  const root = await t.signIn('root', ['user', 'admin']);
  expect((await create(root, { scopes: ['users:read'] })).statusCode).toBe(201);
  await t.owner.query("DELETE FROM user_roles WHERE user_id = $1 AND role_name = 'admin'", [
    root.id,
  ]);
  const answer = await create(root, { scopes: ['users:read'] });
  expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/scopes/0']);
});

test('POST › an Idempotency-Key is nothing: what holds a secret is not kept for repetition', async () => {
  const ada = await t.signIn();
  const call = {
    as: ada,
    body: { name: 'x', scopes: ['tasks:read'] },
    headers: { 'idempotency-key': 'k' },
  };
  const tokens = [];
  for (let i = 0; i < 2; i++) tokens.push((await t.call('POST', PATH, call)).json().token);
  expect(new Set(tokens).size).toBe(2);
});

test('POST › at most 100 good tokens, also when many are made at once; revoking one makes room', async () => {
  const ada = await t.signIn();
  await t.owner.query(
    `INSERT INTO api_tokens (user_id, id, name, token_hash, hint, scopes, expires_at, revoked_at)
     SELECT $1::uuid, gen_random_uuid(), 'x', sha256(($1::uuid || n::text)::bytea), 'x', '{}',
       CASE WHEN n > 110 THEN now() - interval '1 day' END,
       CASE WHEN n BETWEEN 99 AND 110 THEN now() END
     FROM generate_series(1, 120) AS n`,
    [ada.id],
  );
  const answers = await Promise.all(Array.from({ length: 8 }, () => create(ada)));
  expect(answers.map((it) => it.statusCode).sort()).toEqual([
    201, 201, 409, 409, 409, 409, 409, 409,
  ]);
  expect(answers.find((it) => it.statusCode === 409)?.json().code).toBe('api_token.too_many');
  const { id } = answers.find((it) => it.statusCode === 201)?.json() ?? {};
  expect((await t.call('DELETE', `${PATH}/${id}`, { as: ada })).statusCode).toBe(204);
  expect((await create(ada)).statusCode).toBe(201);
});

test('GET › the newest first, in pages; expired ones are marked, revoked ones gone', async () => {
  const ada = await t.signIn();
  await create(await t.signIn());
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift((await create(ada)).json().id);
  await t.owner.query("UPDATE api_tokens SET expires_at = now() - interval '1 s' WHERE id = $1", [
    ids[1],
  ]);
  await t.call('DELETE', `${PATH}/${ids[3]}`, { as: ada });
  const left = ids.filter((_, at) => at !== 3);
  const first = await list(ada, '?limit=3');
  const second = await list(ada, `?limit=3&cursor=${first.next_cursor}`);
  const items = [...first.items, ...second.items];
  expect(items.map((it) => it.id)).toEqual(left);
  expect(items.map((it) => it.is_expired)).toEqual([false, true, false, false]);
  expect(second.next_cursor).toBeNull();
  expect(Object.keys(items[0]).sort()).toEqual([
    'created_at',
    'expires_at',
    'hint',
    'id',
    'is_expired',
    'last_used_at',
    'name',
    'scopes',
  ]);
  for (const query of ['limit=0', 'limit=101', 'cursor=x']) {
    expect((await t.call('GET', `${PATH}?${query}`, { as: ada })).statusCode).toBe(400);
  }
});

test("DELETE › another's, a revoked one, an absent one and a malformed id are the same 404", async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  const theirs = await addApiToken(t.owner, bob.id, ['tasks:read']);
  const mine = await addApiToken(t.owner, ada.id, ['tasks:read']);
  expect((await t.call('DELETE', `${PATH}/${mine.id}`, { as: ada })).statusCode).toBe(204);
  for (const id of [theirs.id, mine.id, '0198f0a0-0000-7000-8000-000000000001', 'x', '%00', '1']) {
    const answer = await t.call('DELETE', `${PATH}/${id}`, { as: ada });
    expect([id, answer.statusCode, answer.json().code]).toEqual([id, 404, 'api_token.not_found']);
  }
  const use = await t.call('GET', '/api/v1/tasks', { headers: bearer(theirs.token) });
  expect(use.statusCode).toBe(200);
});

test('a month after a token is revoked or has expired it is deleted, also when two look at once', async () => {
  const ada = await t.signIn();
  for (const assignment of [
    "revoked_at = now() - interval '31 days'",
    "expires_at = now() - interval '31 days'",
    "revoked_at = now() - interval '29 days'",
    "expires_at = now() - interval '29 days'",
    'expires_at = NULL',
  ]) {
    const { id } = await addApiToken(t.owner, ada.id, []);
    await t.owner.query(`UPDATE api_tokens SET ${assignment} WHERE id = $1`, [id]);
  }
  await Promise.all([runJob(t.ctx, 'api_tokens.purge'), runJob(t.ctx, 'api_tokens.purge')]);
  const { rows } = await t.owner.query('SELECT 1 FROM api_tokens WHERE user_id = $1', [ada.id]);
  expect(rows).toHaveLength(3);
});

test("GET › another's cursor is 400", async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  for (let i = 0; i < 2; i++) await create(ada);
  const { next_cursor: cursor } = await list(ada, '?limit=1');
  const answer = await t.call('GET', `${PATH}?cursor=${cursor}`, { as: bob });
  expect(answer.statusCode).toBe(400);
});
