import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { ClientConfig } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { Database, type DatabaseOptions } from '../../src/platform/postgres/database.ts';
import { until } from './until.ts';

/** A migrated database of one's own. */
export interface TestDatabase {
  name: string;
  /** As the role that owns the tables. */
  owner: ClientConfig;
  /** As the role that requests are served with. */
  serving: ClientConfig;
  drop(): Promise<void>;
}

/** Clones the migrated template, or, with `isEmpty`, makes a database without any table. */
export async function createTestDatabase(
  options: { isEmpty?: boolean } = {},
): Promise<TestDatabase> {
  const server = inject('testServer');
  const name = `docket_test_${randomBytes(6).toString('hex')}`;
  const template = options.isEmpty ? '' : ` TEMPLATE ${server.template}`;
  await asOwner(server.owner, `CREATE DATABASE ${name}${template}`);
  return {
    name,
    owner: { ...server.owner, database: name },
    serving: { ...server.serving, database: name },
    drop: () => drop(server.owner, name),
  };
}

/** Opens a pool with settings that suit tests. */
export function openTestPool(
  connection: DatabaseOptions['connection'],
  options: Partial<DatabaseOptions> = {},
): Database {
  return new Database({
    connection,
    poolMax: 10,
    poolMin: 0,
    maxLifetimeSeconds: 300,
    acquireTimeoutMs: 5_000,
    statementTimeoutMs: 10_000,
    prepared: true,
    maxWaiting: 1_000,
    onError: () => {},
    ...options,
  });
}

/**
 * Gives a test file, or a describe block, its own migrated database with an open pool, and takes
 * both away at its end. The properties are there once the tests run.
 */
export function useTestDatabase(): TestDatabase & { db: Database } {
  const fixture = {} as TestDatabase & { db: Database };
  beforeAll(async () => {
    Object.assign(fixture, await createTestDatabase());
    fixture.db = openTestPool(fixture.serving);
  });
  afterAll(async () => {
    await fixture.db?.close();
    await fixture.drop?.();
  });
  return fixture;
}

/** Sessions that have just been closed take a moment to leave, and the owner may not end those of others. */
async function drop(owner: ClientConfig, name: string): Promise<void> {
  await until(async () => {
    try {
      await asOwner(owner, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      return true;
    } catch (error) {
      if (!['42501', '55006'].includes((error as pg.DatabaseError).code ?? '')) throw error;
      return false;
    }
  });
}

async function asOwner(owner: ClientConfig, statement: string): Promise<void> {
  const client = await connectClient(owner);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Ends sessions of the serving role on a database, by default all; `lastQuery` is a regular expression. */
export async function endSessions(database: TestDatabase, lastQuery = ''): Promise<number> {
  // In another database, since this one may let nobody in.
  const client = await connectClient({ ...database.serving, database: 'postgres' });
  try {
    const { rows } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = $1 AND usename = current_user AND query ~ $2`,
      [database.name, lastQuery],
    );
    return rows.length;
  } finally {
    await client.end();
  }
}

/** Makes a database unreachable, or reachable again. */
export async function setReachable(database: TestDatabase, isReachable: boolean): Promise<void> {
  const elsewhere = { ...database.owner, database: 'postgres' };
  await asOwner(elsewhere, `ALTER DATABASE ${database.name} ALLOW_CONNECTIONS ${isReachable}`);
  if (!isReachable) await endSessions(database);
}
