import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { readMigrations } from '../../src/platform/postgres/migration-files.ts';
import { migrate } from '../../src/platform/postgres/migrations.ts';
import { useTestDatabase } from '../harness/database.ts';

const database = useTestDatabase();
let serving: pg.Client;

describe('the serving role', () => {
  const tables = [
    'users',
    'sessions',
    'signing_keys',
    'tasks',
    'task_counts',
    'user_counts',
    'idempotency_records',
  ];

  beforeAll(async () => {
    serving = await connectClient(database.serving);
  });
  afterAll(() => serving.end());

  it.each(tables)('reads and changes the rows of %s', async (table) => {
    const { rows } = await serving.query(
      `SELECT has_table_privilege($1, 'SELECT') AND has_table_privilege($1, 'INSERT')
         AND has_table_privilege($1, 'UPDATE') AND has_table_privilege($1, 'DELETE') AS may`,
      [table],
    );
    expect(rows).toEqual([{ may: true }]);
    await serving.query(`SELECT FROM ${table}`);
    await serving.query(`DELETE FROM ${table}`);
  });

  it.each([
    ...tables.map((table) => `TRUNCATE ${table} CASCADE`),
    ...tables.map((table) => `DROP TABLE ${table} CASCADE`),
    ...tables.map((table) => `ALTER TABLE ${table} DISABLE TRIGGER ALL`),
    'CREATE TABLE mine ()',
    'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'CREATE SCHEMA mine',
    'CREATE EXTENSION hstore',
    'CREATE TRIGGER mine AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION count_inserted_tasks()',
    'CREATE INDEX mine ON users (email)',
    'DROP FUNCTION count_inserted_tasks() CASCADE',
    'DROP COLLATION natural_order CASCADE',
    "UPDATE schema_migrations SET checksum = 'x'",
    'DELETE FROM schema_migrations',
    "INSERT INTO schema_migrations VALUES (99, 'x', 'x')",
    'TRUNCATE schema_migrations',
  ])('may not %s', async (statement) => {
    await expect(serving.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('owns nothing', async () => {
    const { rows } = await serving.query(
      `SELECT relname FROM pg_class WHERE pg_has_role(relowner, 'USAGE')
         AND relnamespace = 'public'::regnamespace`,
    );
    expect(rows).toEqual([]);
  });

  it('sees which migrations were applied', async () => {
    const { rowCount } = await serving.query('SELECT version FROM schema_migrations');
    expect(rowCount).toBe(readMigrations().length);
  });

  it('gets back the rights that it is meant to have, and loses others, at the next start', async () => {
    const role = database.serving.user ?? null;
    const owner = await connectClient(database.owner);
    await owner.query(`GRANT TRUNCATE ON tasks TO ${role}; REVOKE SELECT ON users FROM ${role}`);
    await owner.end();
    await migrate({ ownerConnection: database.owner, servingRole: role, log: () => {} });
    await expect(serving.query('TRUNCATE tasks')).rejects.toMatchObject({ code: '42501' });
    await serving.query('SELECT FROM users');
  });
});
