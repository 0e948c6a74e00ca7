import { beforeAll, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { ACCOUNT_SORTS } from './account-sort.ts';

const t = useTestApp();
const USERS = '/api/v1/admin/users';
let admin: TestUser;

/** Thirty accounts; pairs share a time, every third has no name, every fourth never signed in. */
beforeAll(async () => {
  admin = await t.signIn('admin', ['admin']);
  await t.owner.query(
    `INSERT INTO users (id, email, email_canonical, name, status, created_at, last_login_at, deleted_at)
     SELECT gen_random_uuid(), 'Person' || n || '@example.org', 'person' || n || '@example.org',
       CASE WHEN n % 3 > 0 THEN 'Nr ' || n || CASE WHEN n = 4 THEN ' 100%_\\ Émile' ELSE '' END END,
       (ARRAY['active', 'unverified', 'disabled'])[n % 3 + 1],
       '2026-01-01'::timestamptz + (n / 2) * interval '1 day',
       CASE WHEN n % 4 > 0 THEN '2026-02-01'::timestamptz + n * interval '1 hour' END,
       CASE WHEN n > 25 THEN now() END
     FROM generate_series(1, 30) AS n`,
  );
  await t.owner.query(
    `INSERT INTO user_roles (user_id, role_name)
     SELECT id, 'user' FROM users WHERE email_canonical ~ '^person[1-5]@'`,
  );
});

async function list(query: Record<string, string>, path = USERS) {
  const answer = await t.call('GET', `${path}?${new URLSearchParams(query)}`, { as: admin });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

async function emails(query: Record<string, string>): Promise<string[]> {
  return (await list(query)).items.map((it: { email: string }) => it.email);
}

test.each(ACCOUNT_SORTS)(
  'sorted by %s › pages hold every account once, in one order',
  async (sort) => {
    const whole = (await list({ sort, limit: '100' })).items;
    expect(whole).toHaveLength(26);
    const paged: { id: string }[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; next_cursor: string | null; total: number } =
        await list({ sort, limit: '4', ...(cursor !== null && { cursor }) });
      expect(page.total).toBe(26);
      paged.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(paged).toEqual(whole);
    const reversed = sort.startsWith('-') ? sort.slice(1) : `-${sort}`;
    expect((await list({ sort: reversed, limit: '100' })).items).toEqual([...whole].reverse());
  },
);

test('names sort as people do, accounts without one first; the newest come first by default', async () => {
  const { items } = await list({ sort: 'name', limit: '100' });
  const names = items.map((it: { name: string | null }) => it.name).filter(Boolean);
  expect(names.slice(0, 4)).toEqual(['Nr 1', 'Nr 2', 'Nr 4 100%_\\ Émile', 'Nr 5']);
  expect(items[0].name).toBeNull();
  const times = (await list({})).items.map((it: { created_at: string }) => it.created_at);
  expect(times).toEqual([...times].sort().reverse());
});

test('q finds parts of address and name in any case, and means its characters as they are', async () => {
  expect(await emails({ q: 'PERSON2@' })).toEqual(['Person2@example.org']);
  for (const q of ['100%', '%_\\', 'émile', 'NR 4']) {
    expect(await emails({ q })).toEqual(['Person4@example.org']);
  }
  for (const q of ['1%00', 'person_@', '100\\%']) expect(await emails({ q })).toEqual([]);
  expect((await list({ q: '', limit: '1' })).total).toBe(26);
});

test('filters by status, role and time narrow both items and total', async () => {
  const disabled = await list({ status: 'disabled', limit: '2' });
  expect(disabled.total).toBe(8);
  expect(disabled.items.map((it: { status: string }) => it.status)).toEqual([
    'disabled',
    'disabled',
  ]);
  expect(await emails({ role: 'admin' })).toEqual([admin.email]);
  expect((await list({ role: 'user', limit: '1' })).total).toBe(5);
  expect((await list({ role: 'no-such-role' })).total).toBe(0);
  const range = { created_from: '2026-01-02T00:00:00Z', created_to: '2026-01-03T00:00:00Z' };
  expect((await emails({ ...range, sort: 'email' })).sort()).toEqual([
    'Person2@example.org',
    'Person3@example.org',
  ]);
});

test('deleted accounts are in their own list and in no other', async () => {
  const deleted = await list({ limit: '3' }, `${USERS}/deleted`);
  expect([deleted.items.length, deleted.total]).toEqual([3, 5]);
  expect(deleted.items.every((it: { deleted_at: unknown }) => it.deleted_at !== null)).toBe(true);
  const rest = await list({ limit: '3', cursor: deleted.next_cursor }, `${USERS}/deleted`);
  expect([rest.items.length, rest.next_cursor]).toEqual([2, null]);
});

test.each([
  ['limit=0', '/limit'],
  ['limit=101', '/limit'],
  ['sort=password_hash', '/sort'],
  ['status=gone', '/status'],
  ['created_from=yesterday', '/created_from'],
  ['cursor=x', '/cursor'],
  ['deleted=true', '/deleted'],
  ['q=%00', '/q'],
  ['role=%00', '/role'],
])('?%s is 400', async (query, pointer) => {
  const answer = await t.call('GET', `${USERS}?${query}`, { as: admin });
  expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, pointer]);
});

test('a cursor is good for its own list, filters and sort alone', async () => {
  const { next_cursor: cursor } = await list({ limit: '2', sort: 'email' });
  for (const query of [
    { cursor, sort: '-email' },
    { cursor, sort: 'email', q: 'person' },
    { cursor },
    { cursor: `${cursor.slice(0, -2)}xx`, sort: 'email' },
  ]) {
    const url = `${USERS}?${new URLSearchParams(query)}`;
    expect((await t.call('GET', url, { as: admin })).statusCode).toBe(400);
  }
  const url = `${USERS}/deleted?${new URLSearchParams({ cursor })}`;
  expect((await t.call('GET', url, { as: admin })).statusCode).toBe(400);
});
