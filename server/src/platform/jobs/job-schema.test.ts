import type pg from 'pg';
import { getRollbackPlans } from 'pg-boss';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts';
import { connectClient } from '../postgres/client.ts';
import { migrate, migrateTo } from '../postgres/migrations.ts';
import { installJobSchema } from './job-schema.ts';

let database: TestDatabase;
let owner: pg.Client;
const quiet = { log: () => undefined };

beforeEach(async () => {
  database = await createTestDatabase();
  owner = await connectClient(database.owner);
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

const options = () => ({
  ownerConnection: database.owner,
  servingRole: database.serving.user ?? null,
  ...quiet,
});

async function versions(): Promise<unknown[]> {
  return (await owner.query('SELECT version FROM jobs.version')).rows;
}

it('the serving role reads and changes jobs, and cannot change what they are kept in', async () => {
  const serving = await connectClient(database.serving);
  await serving.query('SELECT FROM jobs.job; DELETE FROM jobs.job; SELECT FROM jobs.version');
  for (const statement of [
    'CREATE TABLE jobs.mine ()',
    'DROP TABLE jobs.job CASCADE',
    'TRUNCATE jobs.job',
    'CREATE INDEX ON jobs.job_common (data)',
    'DELETE FROM jobs.version',
    'DROP SCHEMA jobs CASCADE',
    'CREATE OR REPLACE FUNCTION jobs.job_now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() $$',
  ]) {
    await expect(serving.query(statement), statement).rejects.toThrow(
      /permission denied|must be owner/,
    );
  }
  await serving.end();
});

it('tables of an older version are brought to the newest, and then left alone', async () => {
  const newest = await versions();
  const number = Number((newest[0] as { version: number }).version);
  for (let version = number; version > number - 3; version--) {
    await owner.query(getRollbackPlans('jobs', version));
  }
  expect(await versions()).toEqual([{ version: number - 3 }]);
  await migrate(options());
  expect(await versions()).toEqual(newest);
  await migrate(options());
  expect(await versions()).toEqual(newest);
});

it('tables of a newer release are refused', async () => {
  await owner.query('UPDATE jobs.version SET version = 9999');
  await expect(migrate(options())).rejects.toThrow('run a newer release');
});

it('going back to the empty database takes the jobs with it', async () => {
  await migrateTo(0, options());
  const { rows } = await owner.query("SELECT to_regnamespace('jobs') AS jobs");
  expect(rows).toEqual([{ jobs: null }]);
});

it('a role that may not create schemas is told, and works in one made for it', async () => {
  await owner.query('DROP SCHEMA jobs CASCADE');
  const role = await connectClient(database.serving);
  await expect(installJobSchema(role, quiet.log)).rejects.toThrow('needs CREATE on the database');
  await owner.query(`CREATE SCHEMA jobs; GRANT ALL ON SCHEMA jobs TO ${database.serving.user}`);
  await installJobSchema(role, quiet.log);
  expect((await role.query('SELECT FROM jobs.version')).rowCount).toBe(1);
  await role.end();
});
