import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { openTestPool, useTestDatabase } from '../../../test/harness/database.ts';
import { connectClient } from './client.ts';
import type { Database, Queryable } from './database.ts';
import { constraintOf, DatabaseUnavailable } from './errors.ts';
import { adhoc, builder, defineStatement, unnamed } from './statement.ts';

const database = useTestDatabase();
const one = defineStatement<Record<never, never>, { one: number }>(
  'database-test.one',
  () => sql`select 1 as one`,
);
const sleep = defineStatement<{ seconds: number }>(
  'database-test.sleep',
  (p) => sql`select pg_sleep(${p.seconds}::float8)`,
);
const backendPid = defineStatement<Record<never, never>, { pid: number }>(
  'database-test.pid',
  () => sql`select pg_backend_pid() as pid`,
);

/** Opens a pool for one test. */
async function withPool(
  options: Parameters<typeof openTestPool>[1],
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const db = openTestPool(database.serving, options);
  try {
    await work(db);
  } finally {
    await db.close();
  }
}

async function asOwner(text: string): Promise<void> {
  const client = await connectClient(database.owner);
  await client.query(text).finally(() => client.end());
}

/** As the role whose session it is, who may do so. */
async function endSession(pid: number | undefined): Promise<void> {
  const client = await connectClient(database.serving);
  await client.query('SELECT pg_terminate_backend($1)', [pid]).finally(() => client.end());
}

const insertUser = defineStatement<{ id: string; email: string }>('database-test.insert', (p) =>
  builder.insertInto('users').values({ id: p.id, email: p.email, email_canonical: p.email }),
);
const renameUser = defineStatement<{ email: string; name: string }>('database-test.rename', (p) =>
  builder.updateTable('users').set({ name: p.name }).where('email', '=', p.email),
);
const user = (email: string) => ({ id: crypto.randomUUID(), email });

describe('rows', () => {
  const types = defineStatement<Record<never, never>, Record<string, unknown>>(
    'database-test.types',
    () => sql`select 9007199254740991::int8 as int8, '2026-01-31 09:00:00.1+00'::timestamptz(3) as
      timestamptz, '2026-01-31'::date as date, '{"a":[1]}'::jsonb as jsonb, null::text as nothing,
      true as bool, '\\x00ff'::bytea as bytea, 1.5::float8 as float8, 12.30::numeric as numeric`,
  );

  it('carry int8 as number, times as text in UTC, JSON parsed, however they are asked for', async () => {
    const row = {
      int8: 9007199254740991,
      timestamptz: '2026-01-31 09:00:00.1+00',
      date: '2026-01-31',
      jsonb: { a: [1] },
      nothing: null,
      bool: true,
      bytea: Buffer.from([0, 255]),
      float8: 1.5,
      numeric: '12.30',
    };
    await withPool({ poolMax: 1 }, async (db) => {
      expect(await db.run(types({})), 'described').toEqual([row]);
      expect(await db.run(types({})), 'described before').toEqual([row]);
      expect(await db.transaction((tx) => tx.run(types({}))), 'in a transaction').toEqual([row]);
      expect(await db.run(unnamed(types({}))), 'unnamed').toEqual([row]);
    });
  });

  it('are as many, with gaps where they have some, as at the first time', async () => {
    const some = defineStatement<{ count: number }, { n: number; even: string | null }>(
      'database-test.some',
      (p) => sql`select n, case when n % 2 = 0 then 'even' end as even
        from generate_series(1, ${p.count}::int) as n`,
    );
    const two = [
      { n: 1, even: null },
      { n: 2, even: 'even' },
    ];
    await withPool({ poolMax: 1 }, async (db) => {
      expect(await db.run(some({ count: 2 }))).toEqual(two);
      expect(await db.run(some({ count: 0 }))).toEqual([]);
      expect(await db.run(some({ count: 2 }))).toEqual(two);
      expect(await db.execute(some({ count: 3 }))).toBe(3);
    });
  });

  it('are described once for each connection', async () => {
    const describes = vi.spyOn(pg.Connection.prototype, 'describe');
    try {
      for (let connection = 1; connection <= 2; connection++) {
        await withPool({ poolMax: 1 }, async (db) => {
          for (let time = 0; time < 3; time++) expect(await db.run(one({}))).toEqual([{ one: 1 }]);
        });
        expect(describes).toHaveBeenCalledTimes(connection);
      }
    } finally {
      describes.mockRestore();
    }
  });

  it('are counted where only their number matters', async () => {
    await database.db.execute(insertUser(user('counted@example.org')));
    const changed = renameUser({ email: 'counted@example.org', name: 'x' });
    expect(await database.db.execute(changed)).toBe(1);
    expect(await database.db.execute(renameUser({ email: 'nobody', name: 'x' }))).toBe(0);
  });
});

describe('sessions', () => {
  const settings = sql<Record<string, string>>`select current_setting('TimeZone') as zone,
    current_setting('statement_timeout') as statement_timeout,
    current_setting('idle_in_transaction_session_timeout') as idle_timeout,
    current_setting('application_name') as application`;

  it('have UTC, the timeouts and a name, whatever the server has', async () => {
    await asOwner(`ALTER DATABASE ${database.name} SET TimeZone = 'Asia/Tokyo'`);
    await withPool({ statementTimeoutMs: 7_000 }, async (db) => {
      expect(await db.run(adhoc(settings))).toEqual([
        { zone: 'UTC', statement_timeout: '7s', idle_timeout: '1min', application: 'docket' },
      ]);
    });
  });

  const prepared = sql<{ name: string }>`select name from pg_prepared_statements`;

  it('keep plans of named statements', async () => {
    await withPool({ poolMax: 1 }, async (db) => {
      await db.run(one({}));
      expect(await db.run(adhoc(prepared))).toEqual([{ name: one({}).name }]);
    });
  });

  it('keep none where preparing is off, in transactions neither', async () => {
    await withPool({ poolMax: 1, prepared: false }, async (db) => {
      await db.run(one({}));
      await db.transaction((tx) => tx.run(one({})));
      expect(await db.run(adhoc(prepared))).toEqual([]);
    });
  });

  it('repeat the timeouts in each transaction where a pooler may lend another session', async () => {
    await withPool({ poolMax: 1, prepared: false, statementTimeoutMs: 3_000 }, async (db) => {
      await db.run(adhoc(sql`set statement_timeout = 0`));
      const [inside] = await db.transaction((tx) => tx.run(adhoc(settings)));
      expect(inside).toMatchObject({ statement_timeout: '3s', idle_timeout: '1min' });
    });
  });
});

describe('a statement', () => {
  it('reports the constraint that it violates, and leaves the connection in the pool', async () => {
    await withPool({ poolMax: 1 }, async (db) => {
      const [before] = await db.run(backendPid({}));
      await db.execute(insertUser(user('taken@example.org')));
      const error = await db.execute(insertUser(user('taken@example.org'))).catch((e) => e);
      expect(constraintOf(error)).toBe('users_email_canonical_key');
      expect(await db.run(backendPid({}))).toEqual([before]);
    });
  });

  it('that runs too long is ended by the server, and the connection goes on', async () => {
    await withPool({ poolMax: 1, statementTimeoutMs: 100 }, async (db) => {
      const [before] = await db.run(backendPid({}));
      await expect(db.run(sleep({ seconds: 5 }))).rejects.toThrow(DatabaseUnavailable);
      expect(await db.run(backendPid({}))).toEqual([before]);
    });
  });

  it('is sent again unnamed when the columns of its prepared plan have changed', async () => {
    await asOwner('CREATE TABLE growing (a int); INSERT INTO growing VALUES (1)');
    await asOwner('GRANT SELECT ON growing TO PUBLIC');
    const all = defineStatement('database-test.growing', () => sql`select * from growing`);
    await withPool({ poolMax: 8 }, async (db) => {
      // Every connection holds the old plan, and there are more of them than attempts.
      await Promise.all(
        Array.from({ length: 8 }, () => db.transaction((tx) => holdAfter(tx.run(all({}))))),
      );
      await asOwner('ALTER TABLE growing ADD COLUMN b int');
      expect(await db.run(all({}))).toEqual([{ a: 1, b: null }]);
    });
  });

  it('answers with the columns of now, of their types, wherever they have changed', async () => {
    await asOwner('CREATE TABLE altered (a int, b int); INSERT INTO altered VALUES (1, 2)');
    await asOwner('GRANT SELECT ON altered TO PUBLIC');
    const all = defineStatement('database-test.altered', () => sql`select * from altered`);
    await withPool({ poolMax: 1 }, async (db) => {
      await db.run(all({}));
      expect(await db.run(all({}))).toEqual([{ a: 1, b: 2 }]);
      await asOwner('ALTER TABLE altered ALTER COLUMN a TYPE text');
      expect(await db.run(all({}))).toEqual([{ a: '1', b: 2 }]);
      await asOwner('ALTER TABLE altered RENAME COLUMN b TO c');
      expect(await db.run(all({}))).toEqual([{ a: '1', c: 2 }]);
    });
  });

  it('is sent again unnamed in the whole transaction too', async () => {
    await asOwner('CREATE TABLE widening (a int); GRANT SELECT ON widening TO PUBLIC');
    const all = defineStatement(
      'database-test.widening',
      () => sql`select count(*), w.* from widening w group by a`,
    );
    await withPool({ poolMax: 8 }, async (db) => {
      const read = (tx: Queryable) => tx.run(all({}));
      const eight = () =>
        Array.from({ length: 8 }, () => db.transaction((tx) => holdAfter(read(tx))));
      await Promise.all(eight());
      await asOwner('ALTER TABLE widening ALTER COLUMN a TYPE text');
      await expect(db.transaction(read)).resolves.toEqual([]);
    });
  });

  it('that never left, since the connection had just gone, is sent on another one', async () => {
    await withPool({ poolMax: 1 }, async (db) => {
      const gone = new Error('Client has encountered a connection error and is not queryable');
      const query = vi.spyOn(pg.Client.prototype, 'query');
      try {
        await db.run(one({}));
        query.mockImplementationOnce((_query: unknown, callback: (error: Error) => void) =>
          callback(gone),
        );
        expect(await db.run(one({}))).toEqual([{ one: 1 }]);
        query.mockImplementationOnce(() => Promise.reject(gone));
        expect(await db.transaction((tx) => tx.run(one({})))).toEqual([{ one: 1 }]);
      } finally {
        query.mockRestore();
      }
    });
  });

  it('is sent again unnamed when the session has lost its plans', async () => {
    await withPool({ poolMax: 1 }, async (db) => {
      await db.run(one({}));
      await db.run(adhoc(sql`deallocate all`));
      expect(await db.run(one({}))).toEqual([{ one: 1 }]);
    });
  });

  it('whose connection breaks on the way is unavailable with unknown outcome, and not repeated', async () => {
    await asOwner('CREATE SEQUENCE runs; GRANT USAGE ON SEQUENCE runs TO PUBLIC');
    await withPool({ poolMax: 1 }, async (db) => {
      const [before] = await db.run(backendPid({}));
      const running = db
        .run(adhoc(sql`select nextval('runs'), pg_sleep(10)`))
        .catch((error) => error);
      await delay(200);
      await endSession(before?.pid);
      expect(await running).toBeInstanceOf(DatabaseUnavailable);
      expect(await running).toMatchObject({ isOutcomeUnknown: true });
      expect(await db.run(adhoc(sql`select nextval('runs') as n`))).toEqual([{ n: 2 }]);
    });
  });
});

describe('the pool', () => {
  it('replaces connections that break while idle, and says so', async () => {
    const errors: Error[] = [];
    await withPool({ poolMax: 1, onError: (error) => errors.push(error) }, async (db) => {
      const [before] = await db.run(backendPid({}));
      await endSession(before?.pid);
      await expect.poll(() => errors.length).toBe(1);
      const [after] = await db.run(backendPid({}));
      expect(after?.pid).not.toBe(before?.pid);
    });
  });

  it('replaces connections at the end of their life', async () => {
    await withPool({ poolMax: 1, maxLifetimeSeconds: 1 }, async (db) => {
      const [before] = await db.run(backendPid({}));
      await expect
        .poll(async () => (await db.run(backendPid({})))[0]?.pid, { timeout: 5_000 })
        .not.toBe(before?.pid);
    });
  });

  it('refuses at once what would wait in too long a queue', async () => {
    await withPool({ poolMax: 1, maxWaiting: 2 }, async (db) => {
      await db.run(one({}));
      const running = [1, 2, 3].map(() => db.run(sleep({ seconds: 0.3 })));
      await delay(50);
      expect(db.stats()).toEqual({ total: 1, idle: 0, waiting: 2, max: 1 });
      const startedAt = performance.now();
      await expect(db.run(one({}))).rejects.toThrow('too many statements are waiting');
      expect(performance.now() - startedAt).toBeLessThan(100);
      await Promise.all(running);
    });
  });

  it('gives up waiting for a connection after the time set', async () => {
    await withPool({ poolMax: 1, acquireTimeoutMs: 150 }, async (db) => {
      const running = db.run(sleep({ seconds: 0.6 }));
      const refused = await db.run(one({})).catch((error) => error);
      expect(refused).toBeInstanceOf(DatabaseUnavailable);
      expect(refused).toMatchObject({ isOutcomeUnknown: false });
      await running;
      expect(await db.run(one({}))).toEqual([{ one: 1 }]);
    });
  });

  it('reports a server that is not there as unavailable', async () => {
    const nowhere = openTestPool('postgresql://u@127.0.0.1:1/d?sslmode=disable');
    await expect(nowhere.run(one({}))).rejects.toThrow(DatabaseUnavailable);
    await expect(nowhere.transaction((tx) => tx.run(one({})))).rejects.toThrow(DatabaseUnavailable);
    await expect(nowhere.ping(500)).rejects.toThrow(DatabaseUnavailable);
    await nowhere.close();
  });

  it('answers how long a sign of life took, within the time allowed', async () => {
    await withPool({ poolMax: 1 }, async (db) => {
      expect(await db.ping(1_000)).toBeGreaterThan(0);
      const running = db.run(sleep({ seconds: 0.5 }));
      await expect(db.ping(50)).rejects.toThrow('no answer within 50 ms');
      await running;
    });
  });

  it('closes once, lets running statements finish and refuses new ones', async () => {
    const db = openTestPool(database.serving);
    const running = db.run(sleep({ seconds: 0.2 }));
    await delay(50);
    const closing = Promise.all([db.close(), db.close()]);
    await expect(db.run(one({}))).rejects.toThrow(DatabaseUnavailable);
    await expect(running).resolves.toHaveLength(1);
    await closing;
  });
});

async function holdAfter<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  await delay(100);
  return result;
}
