import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { schemaSnapshot } from '../../../scripts/database/schema-snapshot.ts';
import { tableTypes } from '../../../scripts/database/table-types.ts';
import { migrateCommand } from '../../src/commands/migrate.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import {
  MIGRATIONS_DIR,
  type Migration,
  MigrationError,
  readMigrations,
} from '../../src/platform/postgres/migration-files.ts';
import { migrate, migrateTo, migrationStatus } from '../../src/platform/postgres/migrations.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

const MIGRATIONS = readMigrations();
const NEWEST = MIGRATIONS.length;
const TYPES_FILE = join(MIGRATIONS_DIR, '../src/platform/postgres/tables.gen.ts');

let database: TestDatabase;
let owner: pg.Client;
let messages: string[];

beforeEach(async () => {
  database = await createTestDatabase({ isEmpty: true });
  owner = await connectClient(database.owner);
  messages = [];
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

function options(migrations: Migration[] = MIGRATIONS) {
  return {
    ownerConnection: database.owner,
    servingRole: database.serving.user ?? null,
    log: (message: string) => void messages.push(message),
    migrations,
  };
}

const withoutHistory = (snapshot: string) =>
  snapshot
    .split('\n')
    .filter((line) => !line.includes('schema_migrations'))
    .join('\n');

describe('migrating', () => {
  it('makes the schema that is written down, and the types that the code is checked against', async () => {
    expect(await migrate(options())).toBe(NEWEST);
    const snapshot = await schemaSnapshot(owner);
    const written = readFileSync(join(MIGRATIONS_DIR, 'schema.sql'), 'utf8');
    // Another major version words some definitions differently.
    if (!process.env.DOCKET_TEST_DATABASE_URL) expect(snapshot).toBe(written);
    expect(await tableTypes(owner)).toBe(readFileSync(TYPES_FILE, 'utf8'));
  });

  it('is undone and done again, step by step, with the same result at every version', async () => {
    const goingUp: string[] = [];
    for (let version = 0; version <= NEWEST; version++) {
      await migrateTo(version, options());
      goingUp.push(await schemaSnapshot(owner));
    }
    for (let version = NEWEST - 1; version >= 0; version--) {
      expect(await migrateTo(version, options())).toBe(1);
      const withExtensions = await schemaSnapshot(owner);
      // Extensions stay; everything else is as it was on the way up.
      expect(withExtensions.replace(/^EXTENSION.*\n+/gm, '').trim()).toBe(
        goingUp[version]?.replace(/^EXTENSION.*\n+/gm, '').trim(),
      );
    }
    expect(withoutHistory(await schemaSnapshot(owner))).not.toContain('TABLE users');
    expect(await migrate(options())).toBe(NEWEST);
    expect(await schemaSnapshot(owner)).toBe(goingUp[NEWEST]);
  });

  it('does nothing the second time', async () => {
    await migrate(options());
    expect(await migrate(options())).toBe(0);
  });

  it('by several processes at once applies each step once', async () => {
    const counts = await Promise.all([1, 2, 3, 4].map(() => migrate(options())));
    expect(counts.sort()).toEqual([0, 0, 0, NEWEST]);
    const { rows } = await owner.query('SELECT version FROM schema_migrations ORDER BY version');
    expect(rows.map((row) => row.version)).toEqual(MIGRATIONS.map(({ version }) => version));
  });

  it('waits for another that is at it, and says so', async () => {
    let release = () => {};
    const slow: Migration[] = [
      { version: 1, name: 'slow', up: 'SELECT pg_sleep(0.5)', down: '', checksum: 's' },
    ];
    const first = migrate(options(slow));
    await delay(150);
    const second = migrate({ ...options(slow), log: () => release() });
    const said = new Promise<void>((resolve) => {
      release = resolve;
    });
    await said;
    expect(await Promise.all([first, second])).toEqual([1, 0]);
  });

  it('changes nothing where a step fails, and names it', async () => {
    const broken: Migration[] = [
      { version: 1, name: 'good', up: 'CREATE TABLE good ()', down: '', checksum: 'g' },
      { version: 2, name: 'bad', up: 'CREATE TABLE bad (); SELECT 1/0', down: '', checksum: 'b' },
    ];
    await expect(migrate(options(broken))).rejects.toThrow(
      'Migration 2 (bad) failed and changed nothing: division by zero',
    );
    const { rows } = await owner.query(
      "SELECT to_regclass('good') AS good, to_regclass('bad') AS bad",
    );
    expect(rows).toEqual([{ good: 'good', bad: null }]);
    expect(await migrationStatus(database.owner, broken)).toMatchObject([
      { name: 'good', appliedAt: expect.any(String) },
      { name: 'bad', appliedAt: null },
    ]);
  });

  it('takes a step back as a whole where it cannot be written down', async () => {
    const up = 'CREATE TABLE good (); DROP TABLE schema_migrations';
    const careless: Migration[] = [{ version: 1, name: 'careless', up, down: '', checksum: 'c' }];
    await expect(migrate(options(careless))).rejects.toThrow('changed nothing');
    const { rows } = await owner.query("SELECT to_regclass('good') AS good");
    expect(rows).toEqual([{ good: null }]);
  });

  it('refuses a file that was changed after it was applied', async () => {
    await migrate(options());
    const changed = MIGRATIONS.map((migration) =>
      migration.version === 2 ? { ...migration, checksum: 'other' } : migration,
    );
    await expect(migrate(options(changed))).rejects.toThrow(
      'Migration 2 (create-sessions) was applied in another form',
    );
  });

  it('refuses a database that a newer release has migrated', async () => {
    await migrate(options());
    const older = MIGRATIONS.slice(0, -1);
    await expect(migrate(options(older))).rejects.toThrow(`The database is at version ${NEWEST}`);
  });

  it('refuses versions that there are not', async () => {
    await expect(migrateTo(NEWEST + 1, options())).rejects.toThrow(MigrationError);
    await expect(migrateTo(-1, options())).rejects.toThrow(MigrationError);
  });
});

describe('where one role owns and serves', () => {
  it('nothing is granted', async () => {
    await migrate({ ...options(), servingRole: database.owner.user ?? null });
    const { rows } = await owner.query("SELECT relacl::text FROM pg_class WHERE relname = 'users'");
    expect(rows).toEqual([{ relacl: null }]);
  });
});

describe('docket migrate', () => {
  const run = async (...args: string[]) => {
    const lines: string[] = [];
    await migrateCommand(args, { ...options(), out: (line) => void lines.push(line) });
    return lines;
  };

  it('applies what is missing, goes to a version, and shows what is applied', async () => {
    expect((await run('--status'))[0]).toMatch(/^0001 create-users +not applied$/);
    expect(await run()).toEqual([`${NEWEST} migrations done`]);
    expect(messages).toContainEqual(expect.stringMatching(/^applied migration 1 \(create-users\)/));
    expect(await run()).toEqual(['Nothing to do: the schema is there already']);
    expect(await run('--to', '1')).toEqual([`${NEWEST - 1} migrations done`]);
    const [first, second] = await run('--status');
    expect(first).toMatch(/^0001 create-users +\d{4}-\d\d-\d\d \d\d:/);
    expect(second).toMatch(/^0002 create-sessions +not applied$/);
  });

  it.each(['--to x', '--to 1 --status', '--sideways'])('refuses %s', async (args) => {
    await expect(run(...args.split(' '))).rejects.toThrow();
  });
});

describe('an upgrade of the server with other sorting rules', () => {
  it('rebuilds the indexes that depend on them, once', async () => {
    await migrate(options());
    const isSuperuser = await owner
      .query('SELECT usesuper FROM pg_user WHERE usename = current_user')
      .then(({ rows }) => rows[0].usesuper);
    const admin = isSuperuser ? owner : await connectAsSuperuser();
    await admin.query("UPDATE pg_collation SET collversion = '1' WHERE collname = 'natural_order'");
    if (!isSuperuser) await admin.end();
    messages = [];
    await migrate(options());
    expect(messages).toEqual([expect.stringMatching(/^rebuilt \d+ indexes/)]);
    messages = [];
    await migrate(options());
    expect(messages).toEqual([]);
  });

  function connectAsSuperuser(): Promise<pg.Client> {
    const { owner: target } = inject('testServer');
    return connectClient({ ...target, user: 'postgres', database: database.name });
  }
});
