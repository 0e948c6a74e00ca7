import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listTasks } from '../../src/modules/tasks/task-list.repository.ts';
import * as tasks from '../../src/modules/tasks/tasks.repository.ts';
import type { Database } from '../../src/platform/postgres/database.ts';
import { DatabaseUnavailable } from '../../src/platform/postgres/errors.ts';
import { migrate } from '../../src/platform/postgres/migrations.ts';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { openTestPool } from '../harness/database.ts';
import { isPgbouncerPresent, type Pgbouncer, startPgbouncer } from '../harness/pgbouncer.ts';
import {
  createPostgresServer,
  findInstalledPostgres,
  type PostgresServer,
} from '../harness/postgres-server.ts';

const binDir = findInstalledPostgres() ?? '';
const SERVER_CONNECTIONS = 3;
const userId = '00000000-0000-7000-8000-000000000001';

describe.runIf(binDir !== '' && isPgbouncerPresent)('through PgBouncer in transaction mode', () => {
  let server: PostgresServer;
  let pgbouncer: Pgbouncer;
  let db: Database;

  beforeAll(async () => {
    server = await createPostgresServer(binDir);
    await migrate({ ownerConnection: server.superuser, servingRole: null, log: () => {} });
    pgbouncer = await startPgbouncer(server.superuser, SERVER_CONNECTIONS);
    db = openTestPool(pgbouncer.target, { prepared: false, statementTimeoutMs: 400 });
    await db.execute(
      adhoc(sql`insert into users (id, email, email_canonical) values (${userId}, 'a', 'a')`),
    );
  });
  afterAll(async () => {
    await db?.close();
    await pgbouncer?.stop();
    await server?.remove();
  });

  it('many more clients than connections write and read, each its own rows', async () => {
    const work = Array.from({ length: 200 }, async (_, i) => {
      const task = {
        userId,
        id: i + 1,
        title: `t${i}`,
        description: null,
        status: 'pending',
      } as const;
      await tasks.insertTask(db, task);
      const change = { userId, id: i + 1, versions: [1], isCompleted: true };
      await db.transaction((tx) => tasks.setCompletion(tx, change));
      return tasks.findTask(db, { userId, id: i + 1 });
    });
    const found = await Promise.all(work);
    expect(found.map((task) => [task?.title, task?.status, task?.version])).toEqual(
      found.map((_, i) => [`t${i}`, 'completed', 2]),
    );
    expect(await tasks.countTasks(db, userId)).toMatchObject({ pending: 0, completed: 200 });
    const page = { userId, isTrash: false, sort: 'title', limit: 50 } as const;
    expect((await listTasks(db, page)).map((task) => task.title).slice(0, 3)).toEqual([
      't0',
      't1',
      't2',
    ]);
  });

  it('times come in UTC on whichever connection, although the server has another zone', async () => {
    const { database, user } = server.superuser;
    await db.run(adhoc(sql.raw(`ALTER ROLE ${user} SET TimeZone = 'Asia/Tokyo'`)));
    await db.run(adhoc(sql.raw(`ALTER DATABASE ${database} SET DateStyle = 'SQL, DMY'`)));
    // Connections made from now on begin with the other settings.
    const ended = adhoc(
      sql`select count(pg_terminate_backend(pid)) from pg_stat_activity
        where pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    await db.run(ended);
    const time = adhoc(sql<{ at: string; pid: number }>`select pg_sleep(0.05),
      '2026-01-31 09:00:00+00'::timestamptz as at, pg_backend_pid() as pid`);
    // The first statements may meet a connection that was just ended.
    await Promise.allSettled(Array.from({ length: 10 }, () => db.run(time)));
    const answers = await Promise.all(Array.from({ length: 30 }, () => db.run(time)));
    expect(new Set(answers.map(([row]) => row?.at))).toEqual(new Set(['2026-01-31 09:00:00+00']));
    expect(new Set(answers.map(([row]) => row?.pid)).size).toBe(SERVER_CONNECTIONS);
  });

  it('a statement of a transaction that runs too long is ended', async () => {
    const slow = db.transaction((tx) => tx.run(adhoc(sql`select pg_sleep(5)`)));
    const startedAt = performance.now();
    await expect(slow).rejects.toThrow(DatabaseUnavailable);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('named statements that it mixes up are sent again without a name, so that answers stay right', async () => {
    const named = openTestPool(pgbouncer.target, { poolMax: 8 });
    const task = () => tasks.findTask(named, { userId, id: 1 });
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(task));
    const answers = await Promise.all(Array.from({ length: 40 }, task));
    expect(answers.every((answer) => answer?.id === 1)).toBe(true);
    await named.close();
  });
});
