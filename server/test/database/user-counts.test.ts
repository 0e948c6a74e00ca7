import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { useTestDatabase } from '../harness/database.ts';

const database = useTestDatabase();
let owner: pg.Client;

beforeAll(async () => {
  owner = await connectClient(database.owner);
});
afterAll(() => owner.end());

async function expectRightCounts(): Promise<void> {
  const kept = await owner.query('SELECT unverified, active, disabled, deleted FROM user_counts');
  const counted = await owner.query(
    `SELECT count(*) FILTER (WHERE deleted_at IS NULL AND status = 'unverified') AS unverified,
       count(*) FILTER (WHERE deleted_at IS NULL AND status = 'active') AS active,
       count(*) FILTER (WHERE deleted_at IS NULL AND status = 'disabled') AS disabled,
       count(*) FILTER (WHERE deleted_at IS NOT NULL) AS deleted
     FROM users`,
  );
  expect(kept.rows).toEqual(counted.rows);
}

/** Statements over several accounts; `$1` is the first of them. */
const CHANGES = {
  insert: `INSERT INTO users (id, email, email_canonical, status)
    SELECT gen_random_uuid(), n::text, n::text, (array['unverified', 'active', 'disabled'])[1 + n % 3]
    FROM generate_series($1::int, $1::int + 3) n ON CONFLICT DO NOTHING`,
  disable: "UPDATE users SET status = 'disabled' WHERE email::int >= $1::int",
  verify: "UPDATE users SET status = 'active' WHERE email::int = $1::int",
  delete: 'UPDATE users SET deleted_at = now() WHERE email::int <= $1::int AND deleted_at IS NULL',
  rename: "UPDATE users SET name = 'x' WHERE email::int >= $1::int",
  purge: 'DELETE FROM users WHERE email::int <= $1::int',
};

test('counts of accounts equal what counting gives, after any sequence of changes', async () => {
  const change = fc.record({
    kind: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
    first: fc.integer({ min: 1, max: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      for (const { kind, first } of changes) await owner.query(CHANGES[kind], [first]);
      await expectRightCounts();
    }),
    { numRuns: 40 },
  );
});

test('a change that is rolled back, or leaves states alone, leaves the counts alone', async () => {
  await owner.query(CHANGES.insert, [1]);
  const version = async () => (await owner.query('SELECT xmin::text FROM user_counts')).rows;
  const before = await version();
  await owner.query('BEGIN');
  await owner.query(CHANGES.disable, [0]);
  await owner.query('ROLLBACK');
  await owner.query(CHANGES.rename, [0]);
  await owner.query('UPDATE users SET last_login_at = now(), auth_version = auth_version + 1');
  expect(await version()).toEqual(before);
  await expectRightCounts();
});

test('there is never a second row of counts', async () => {
  await expect(owner.query('INSERT INTO user_counts DEFAULT VALUES')).rejects.toThrow(
    'user_counts_pkey',
  );
  await expect(owner.query('INSERT INTO user_counts VALUES (false)')).rejects.toThrow(
    'user_counts_is_only_check',
  );
});
