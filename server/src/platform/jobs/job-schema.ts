import pg from 'pg';
import { getConstructionPlans, getMigrationPlans } from 'pg-boss';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };
import { MigrationError } from '../postgres/migration-files.ts';

/** The schema that holds the tables of pg-boss, and nothing else. */
export const JOB_SCHEMA = 'jobs';
/** One row: the version of the tables, and when work that one process does for all was last done. */
const STATE_TABLE = 'version';
const NEWEST = bossPackage.pgboss.schema;

/**
 * Brings the tables of background jobs to the version that the installed pg-boss needs, as the role
 * that owns the tables, under the lock of the migrations.
 * @throws MigrationError
 */
export async function installJobSchema(
  client: pg.Client,
  log: (message: string) => void,
): Promise<void> {
  const present = await presentVersion(client);
  if (present.version === NEWEST) return;
  if (present.version !== null && present.version > NEWEST) {
    throw new MigrationError(
      `The tables of background jobs are at version ${present.version}, but this release knows ` +
        `versions up to ${NEWEST} only: run a newer release`,
    );
  }
  try {
    if (present.version === null) {
      await client.query(getConstructionPlans(JOB_SCHEMA, { createSchema: !present.hasSchema }));
    } else {
      for (const step of stepsOf(getMigrationPlans(JOB_SCHEMA, present.version))) {
        await client.query(step);
      }
    }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = (error as Error).message;
    throw new MigrationError(
      `The tables of background jobs could not be made in the schema "${JOB_SCHEMA}": ${reason}. ` +
        'The role that applies migrations needs CREATE on the database, or on that schema',
      { cause: error },
    );
  }
  log(`background jobs: tables are at version ${NEWEST}`);
}

/** Gives a role the rights to read and change jobs, and no others. Does nothing for the owner itself. */
export async function grantJobRights(client: pg.Client, servingRole: string): Promise<void> {
  const { rows } = await client.query<{ name: string; is_self: boolean }>(
    `SELECT c.relname AS name, c.relowner = $2::regrole AS is_self FROM pg_class c
     WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p') ORDER BY 1`,
    [JOB_SCHEMA, pg.escapeIdentifier(servingRole)],
  );
  const role = pg.escapeIdentifier(servingRole);
  const tables = rows.filter((row) => !row.is_self).map((row) => row.name);
  if (tables.length === 0) return;
  const statements = [
    'BEGIN',
    `GRANT USAGE ON SCHEMA ${JOB_SCHEMA} TO ${role}`,
    ...tables.flatMap((table) => {
      const name = `${JOB_SCHEMA}.${pg.escapeIdentifier(table)}`;
      const rights = table === STATE_TABLE ? 'SELECT, UPDATE' : 'SELECT, INSERT, UPDATE, DELETE';
      return [
        `REVOKE ALL ON TABLE ${name} FROM ${role}`,
        `GRANT ${rights} ON TABLE ${name} TO ${role}`,
      ];
    }),
    'COMMIT',
  ];
  await client.query(statements.join(';\n'));
}

/** Takes everything about jobs out of the database. */
export async function dropJobSchema(client: pg.Client): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${JOB_SCHEMA} CASCADE`);
}

async function presentVersion(
  client: pg.Client,
): Promise<{ hasSchema: boolean; version: number | null }> {
  const { rows } = await client.query(
    `SELECT to_regnamespace($1) IS NOT NULL AS has_schema, to_regclass($2) IS NOT NULL AS has_table`,
    [JOB_SCHEMA, `${JOB_SCHEMA}.version`],
  );
  const { has_schema: hasSchema, has_table: hasTable } = rows[0];
  if (!hasTable) return { hasSchema, version: null };
  const versions = await client.query(`SELECT version::int FROM ${JOB_SCHEMA}.version`);
  return { hasSchema, version: versions.rows[0]?.version ?? null };
}

/**
 * The statements of an upgrade: one transaction, and the indexes after it, which PostgreSQL builds
 * without locking the table only when each comes alone.
 */
function stepsOf(plan: string): string[] {
  const end = plan.lastIndexOf('COMMIT;') + 'COMMIT;'.length;
  const builds = plan.slice(end).split(/;\s*(?:\n|$)/);
  return [plan.slice(0, end), ...builds].filter((step) => step.trim() !== '');
}
