import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AccountFilter,
  countAccounts,
  listAccounts,
} from '../../src/modules/administration/account-list.repository.ts';
import { ACCOUNT_SORTS } from '../../src/modules/administration/account-sort.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { useTestDatabase } from '../harness/database.ts';
import { buffersOf, sentBy } from '../harness/plans.ts';

const ACCOUNT_COUNT = 10_000;
const LIMIT = 51;
/** For each account of a page its own row and its roles, with the ways down the indexes. */
const MAX_PAGE_BUFFERS = 5 * LIMIT;
/** The one row of counts. */
const MAX_COUNT_BUFFERS = 4;

const database = useTestDatabase();
let owner: pg.Client;

beforeAll(async () => {
  owner = await connectClient(database.owner);
  await owner.query(
    `INSERT INTO users (id, email, email_canonical, name, status, last_login_at, created_at, deleted_at)
     SELECT gen_random_uuid(), 'user' || n || '@example.org', 'user' || n || '@example.org',
       CASE WHEN n % 3 = 0 THEN 'Name ' || md5(n::text) END,
       CASE WHEN n % 100 = 0 THEN 'disabled' WHEN n % 5 = 0 THEN 'unverified' ELSE 'active' END,
       CASE WHEN n % 2 = 0 THEN now() - n * 7919 % 100000 * interval '1 minute' END,
       now() - n * 7919 % 100000 * interval '1 minute', CASE WHEN n % 50 = 7 THEN now() END
     FROM generate_series(1, $1::int) n`,
    [ACCOUNT_COUNT],
  );
  await owner.query("INSERT INTO user_roles (user_id, role_name) SELECT id, 'user' FROM users");
  await owner.query(
    `INSERT INTO user_roles (user_id, role_name)
     SELECT id, 'admin' FROM users WHERE email LIKE 'user77%' AND deleted_at IS NULL`,
  );
  await owner.query('VACUUM ANALYZE');
});
afterAll(() => owner.end());

const NOT_DELETED = { isDeleted: false } as const;

async function countedBy(filter: AccountFilter): Promise<number> {
  const { status = null, role = null, isDeleted } = filter;
  const { rows } = await owner.query(
    `SELECT count(*)::int FROM users WHERE (deleted_at IS NOT NULL) = $1
       AND ($2::text IS NULL OR status = $2)
       AND ($3::text IS NULL OR id IN (SELECT user_id FROM user_roles WHERE role_name = $3))`,
    [isDeleted, status, role],
  );
  return rows[0].count;
}

describe('a page of accounts costs the same, however many there are', () => {
  it.each(ACCOUNT_SORTS)('sorted by %s, first and last page', async (sort) => {
    const all = await listAccounts(database.db, { ...NOT_DELETED, sort, limit: ACCOUNT_COUNT });
    const last = all.at(-LIMIT);
    expect(all.length).toBe(await countedBy(NOT_DELETED));
    for (const after of [undefined, [last?.sort_value, last?.id]]) {
      const query = { ...NOT_DELETED, sort, limit: LIMIT, ...(after && { after }) };
      const statement = await sentBy((db) => listAccounts(db, query));
      expect(await buffersOf(owner, statement, 'force_custom_plan')).toBeLessThan(MAX_PAGE_BUFFERS);
    }
  });
});

describe('totals', () => {
  const byState: AccountFilter[] = [
    NOT_DELETED,
    { isDeleted: true },
    { ...NOT_DELETED, status: 'unverified' },
    { ...NOT_DELETED, status: 'active' },
    { ...NOT_DELETED, status: 'disabled' },
  ];

  it.each(byState)('%j is read, not counted', async (filter) => {
    const statement = await sentBy((db) => countAccounts(db, filter));
    expect(await buffersOf(owner, statement, 'force_custom_plan')).toBeLessThan(MAX_COUNT_BUFFERS);
  });

  it.each<AccountFilter>([
    ...byState,
    { isDeleted: true, status: 'active' },
    { ...NOT_DELETED, role: 'user' },
    { ...NOT_DELETED, role: 'admin' },
    { ...NOT_DELETED, role: 'nobody' },
    { ...NOT_DELETED, role: 'user', status: 'disabled' },
  ])('%j is what counting gives', async (filter) => {
    expect(await countAccounts(database.db, filter)).toBe(await countedBy(filter));
  });
});
