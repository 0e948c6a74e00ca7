import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { dropJobSchema, grantJobRights, installJobSchema } from '../jobs/job-schema.ts';
import { connectClient } from './client.ts';
import { refreshCollations } from './collations.ts';
import type { ConnectionSource } from './connection-options.ts';
import { grantDataRights } from './grants.ts';
import { type Migration, MigrationError, readMigrations } from './migration-files.ts';

export interface MigrateOptions {
  /** The role that owns the tables, on a connection without a transaction pooler. */
  ownerConnection: ConnectionSource;
  /** The role that gets data rights; null or the owner itself: there is nothing to grant. */
  servingRole: string | null;
  log: (message: string) => void;
  /** The migrations to apply; by default those of this release. */
  migrations?: Migration[];
}

export interface MigrationStatus {
  version: number;
  name: string;
  /** As PostgreSQL writes it; null: not applied yet. */
  appliedAt: string | null;
}

interface AppliedMigration {
  version: number;
  name: string;
  checksum: string;
  applied_at: string;
}

/** Any two numbers will do, as long as every release uses the same. */
const LOCK_KEY = [7_161_944, 1] as const;
const LOCK_POLL_MS = 200;

const CREATE_HISTORY = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer CONSTRAINT schema_migrations_pkey PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT now()
  )`;

/**
 * Brings the schema to the newest version and the rights of the serving role up to date; several
 * processes may do so at once. Answers how many migrations were applied.
 * @throws MigrationError with a sentence for the operator
 */
export async function migrate(options: MigrateOptions): Promise<number> {
  const migrations = options.migrations ?? readMigrations();
  return migrateTo(migrations.length, { ...options, migrations });
}

/**
 * Brings the schema forward or back to a version; 0 is the empty database.
 * Answers how many migrations were applied or taken back.
 * @throws MigrationError
 */
export async function migrateTo(target: number, options: MigrateOptions): Promise<number> {
  const migrations = options.migrations ?? readMigrations();
  if (!Number.isInteger(target) || target < 0 || target > migrations.length) {
    throw new MigrationError(`There is no version ${target}: choose 0 to ${migrations.length}`);
  }
  return withLockedClient(options, async (client) => {
    const applied = await readHistory(client);
    checkHistory(applied, migrations);
    const steps = stepsTo(target, applied.length, migrations);
    for (const step of steps) await takeStep(client, step, options.log);
    await refreshCollations(client, options.log);
    await (target === 0 ? dropJobSchema(client) : installJobSchema(client, options.log));
    if (options.servingRole !== null) {
      await grantDataRights(client, options.servingRole);
      await grantJobRights(client, options.servingRole);
    }
    return steps.length;
  });
}

/** Every migration of this release, with the time at which it was applied. @throws MigrationError */
export async function migrationStatus(
  ownerConnection: ConnectionSource,
  migrations: Migration[] = readMigrations(),
): Promise<MigrationStatus[]> {
  const client = await connectClient(ownerConnection);
  try {
    const { rows } = await client.query("SELECT to_regclass('schema_migrations') AS history");
    const applied = rows[0]?.history ? await readHistory(client) : [];
    checkHistory(applied, migrations);
    return migrations.map(({ version, name }) => ({
      version,
      name,
      appliedAt: applied[version - 1]?.applied_at ?? null,
    }));
  } finally {
    await client.end();
  }
}

interface Step {
  migration: Migration;
  direction: 'up' | 'down';
}

function stepsTo(target: number, current: number, migrations: Migration[]): Step[] {
  if (target >= current) {
    return migrations.slice(current, target).map((migration) => ({ migration, direction: 'up' }));
  }
  const undone = migrations.slice(target, current).reverse();
  return undone.map((migration) => ({ migration, direction: 'down' }));
}

async function takeStep(client: pg.Client, step: Step, log: (message: string) => void) {
  const { migration, direction } = step;
  const { version, name, checksum } = migration;
  const startedAt = performance.now();
  try {
    await client.query('BEGIN');
    await client.query(migration[direction]);
    await (direction === 'up'
      ? client.query(
          'INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)',
          [version, name, checksum],
        )
      : client.query('DELETE FROM schema_migrations WHERE version = $1', [version]));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = (error as Error).message;
    throw new MigrationError(
      `Migration ${version} (${name}) failed and changed nothing: ${reason}`,
      { cause: error },
    );
  }
  const took = Math.round(performance.now() - startedAt);
  const verb = direction === 'up' ? 'applied' : 'took back';
  log(`${verb} migration ${version} (${name}) in ${took} ms`);
}

async function withLockedClient<T>(
  options: MigrateOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectClient(options.ownerConnection);
  try {
    await takeLock(client, options.log);
    await client.query(CREATE_HISTORY);
    return await work(client);
  } finally {
    // Ending the session gives the lock back.
    await client.end();
  }
}

/** By asking again and again: a session that waits inside PostgreSQL would hold up others' index builds. */
async function takeLock(client: pg.Client, log: (message: string) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1, $2) AS is_taken', [
      ...LOCK_KEY,
    ]);
    if (rows[0]?.is_taken) return;
    if (attempt === 1) log('another process is migrating the database; waiting for it');
    await delay(LOCK_POLL_MS);
  }
}

async function readHistory(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    'SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version',
  );
  return rows;
}

function checkHistory(applied: AppliedMigration[], migrations: Migration[]): void {
  const newest = applied.at(-1);
  if (newest && newest.version > migrations.length) {
    throw new MigrationError(
      `The database is at version ${newest.version} (${newest.name}), but this release knows ` +
        `versions up to ${migrations.length} only: run a newer release, or take the database ` +
        `back with that release's "docket migrate --to ${migrations.length}"`,
    );
  }
  applied.forEach((row, index) => {
    const migration = migrations[index];
    if (migration?.version === row.version && migration.checksum === row.checksum) return;
    throw new MigrationError(
      `Migration ${row.version} (${row.name}) was applied in another form than this release has: ` +
        'an applied file must never be changed. Restore the file, or add a new migration',
    );
  });
}
