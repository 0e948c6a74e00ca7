import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableTypes } from '../../../scripts/database/table-types.ts';
import { listTasks } from '../../src/modules/tasks/task-list.repository.ts';
import { TASK_SORTS } from '../../src/modules/tasks/task-sort.ts';
import * as tasks from '../../src/modules/tasks/tasks.repository.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { DatabaseUnavailable } from '../../src/platform/postgres/errors.ts';
import { MIGRATIONS_DIR, readMigrations } from '../../src/platform/postgres/migration-files.ts';
import { migrate, migrateTo } from '../../src/platform/postgres/migrations.ts';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { type Certificates, makeCertificates } from '../harness/certificates.ts';
import { openTestPool } from '../harness/database.ts';
import {
  createPostgresServer,
  findInstalledPostgres,
  giveTo,
  PASSWORD,
  type PostgresServer,
} from '../harness/postgres-server.ts';
import { databaseAccount } from '../harness/system-account.ts';

const binDir = findInstalledPostgres() ?? '';
const ROLES_FILE = join(MIGRATIONS_DIR, '../../deploy/postgres/roles.sql');
const PSQL = join(binDir, 'psql');

describe.runIf(binDir !== '')('on an installed PostgreSQL, set up as an operator would', () => {
  let server: PostgresServer;
  const as = (user: string) => ({ ...server.superuser, user, database: 'docket' });

  beforeAll(async () => {
    server = await createPostgresServer(binDir);
    const { host, port, user } = server.superuser;
    execFileSync(
      PSQL,
      [
        '-h',
        `${host}`,
        '-p',
        `${port}`,
        '-U',
        `${user}`,
        '-d',
        'postgres',
        '-X',
        '-q',
        '-v',
        'ON_ERROR_STOP=1',
        '-v',
        `owner_password=${PASSWORD}`,
        '-v',
        `app_password=${PASSWORD}`,
        '-f',
        ROLES_FILE,
      ],
      { env: { PATH: process.env.PATH, PGPASSWORD: PASSWORD }, stdio: 'pipe' },
    );
    await migrateAsOwner();
  });
  afterAll(() => server.remove());

  function migrateAsOwner(): Promise<number> {
    const ownerConnection = as('docket_owner');
    return migrate({ ownerConnection, servingRole: 'docket_app', log: () => {} });
  }

  it('migrates up, down and up again to the types that the code is checked against', async () => {
    const options = { ownerConnection: as('docket_owner'), servingRole: null, log: () => {} };
    expect(await migrateTo(0, options)).toBe(readMigrations().length);
    await migrateAsOwner();
    const owner = await connectClient(as('docket_owner'));
    const types = readFileSync(
      join(MIGRATIONS_DIR, '../src/platform/postgres/tables.gen.ts'),
      'utf8',
    );
    expect(await tableTypes(owner)).toBe(types);
    await owner.end();
  });

  it('serves tasks as a role that may change rows and nothing else', async () => {
    const db = openTestPool(as('docket_app'));
    const userId = '00000000-0000-7000-8000-000000000001';
    await db.execute(
      adhoc(sql`insert into users (id, email, email_canonical) values (${userId}, 'a', 'a')`),
    );
    for (const [i, title] of ['Task 10', 'Task 2', 'ähnlich', 'zuletzt'].entries()) {
      const task = { userId, id: i + 1, title, description: 'Größe', status: 'pending' } as const;
      expect(await tasks.insertTask(db, task)).toMatchObject({ title });
    }
    await tasks.setCompletion(db, { userId, id: 1, versions: null, isCompleted: true });
    await tasks.trashTask(db, { userId, id: 4, versions: null });
    expect(await tasks.countTasks(db, userId)).toEqual({
      pending: 2,
      in_progress: 0,
      completed: 1,
      trashed: 1,
    });
    const query = { userId, isTrash: false, limit: 10 };
    for (const sort of TASK_SORTS) expect(await listTasks(db, { ...query, sort })).toHaveLength(3);
    const byTitle = await listTasks(db, { ...query, sort: 'title' });
    expect(byTitle.map((task) => task.title)).toEqual(['ähnlich', 'Task 2', 'Task 10']);
    const found = await listTasks(db, { ...query, sort: 'default', words: ['GRÖß', 'task'] });
    expect(found).toHaveLength(2);
    for (const statement of ['create table mine ()', 'truncate tasks', 'drop table tasks']) {
      await expect(db.run(adhoc(sql.raw(statement)))).rejects.toMatchObject({ code: '42501' });
    }
    await db.close();
  });

  it('keeps the timeouts of the role, which hold behind a transaction pooler too', async () => {
    const client = await connectClient({ ...as('docket_app') });
    await client.query('RESET ALL');
    const { rows } = await client.query("SELECT current_setting('statement_timeout') AS timeout");
    await client.end();
    expect(rows).toEqual([{ timeout: '10s' }]);
  });
});

describe.runIf(binDir !== '')('TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'docket-certificates-'));
  let server: PostgresServer;
  let certificates: Certificates;
  let plain: PostgresServer;

  beforeAll(async () => {
    certificates = makeCertificates(directory);
    giveTo(databaseAccount(), directory, certificates.key, certificates.certificate);
    server = await createPostgresServer(binDir, {
      ssl: 'on',
      ssl_cert_file: certificates.certificate,
      ssl_key_file: certificates.key,
    });
    plain = await createPostgresServer(binDir, { ssl: 'off' });
  });
  afterAll(async () => {
    await server.remove();
    await plain.remove();
    rmSync(directory, { recursive: true });
  });

  /** Whether the session is encrypted. */
  async function isEncrypted(target: PostgresServer, host: string, query: string) {
    const url = `postgresql://${target.superuser.user}:${encodeURIComponent(PASSWORD)}@${host}:${target.port}/postgres${query}`;
    const db = openTestPool(url);
    try {
      const rows = await db.run<{ ssl: boolean }>(
        adhoc(sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`),
      );
      return rows[0]?.ssl;
    } finally {
      await db.close();
    }
  }

  it.each(['', '?sslmode=prefer', '?sslmode=require', '?sslmode=require&channel_binding=require'])(
    'is used with %j, without looking at the certificate',
    async (query) => {
      expect(await isEncrypted(server, 'localhost', query)).toBe(true);
    },
  );

  it('is not used with disable', async () => {
    expect(await isEncrypted(server, 'localhost', '?sslmode=disable')).toBe(false);
  });

  it('is gone without where the server has none and it is only preferred', async () => {
    expect(await isEncrypted(plain, 'localhost', '')).toBe(false);
    await expect(isEncrypted(plain, 'localhost', '?sslmode=require')).rejects.toThrow(
      DatabaseUnavailable,
    );
  });

  it.each(['require', 'verify-ca', 'verify-full'])(
    'with %s accepts a certificate of the named authority alone',
    async (mode) => {
      const { root, otherRoot } = certificates;
      const query = `?sslmode=${mode}&sslrootcert=`;
      expect(await isEncrypted(server, 'localhost', query + root)).toBe(true);
      await expect(isEncrypted(server, 'localhost', query + otherRoot)).rejects.toThrow(
        DatabaseUnavailable,
      );
    },
  );

  it('checks the name of the host with verify-full alone', async () => {
    const { root } = certificates;
    const query = (mode: string) => `?sslmode=${mode}&sslrootcert=${root}`;
    expect(await isEncrypted(server, '127.0.0.1', query('verify-ca'))).toBe(true);
    await expect(isEncrypted(server, '127.0.0.1', query('verify-full'))).rejects.toThrow(
      DatabaseUnavailable,
    );
  });

  it('with verify-full trusts no authority of unknown standing', async () => {
    await expect(isEncrypted(server, 'localhost', '?sslmode=verify-full')).rejects.toThrow(
      DatabaseUnavailable,
    );
  });

  it('serves a session outside the pool in the same way', async () => {
    const url = `postgresql://${plain.superuser.user}:${encodeURIComponent(PASSWORD)}@localhost:${plain.port}/postgres`;
    const client = await connectClient(url);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
  });
});
