import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestPool, useTestDatabase } from '../../../test/harness/database.ts';
import type { Queryable } from './database.ts';
import { DatabaseUnavailable } from './errors.ts';
import { adhoc, builder, defineStatement } from './statement.ts';

const database = useTestDatabase();
const one = defineStatement<Record<never, never>, { one: number }>(
  'transaction-test.one',
  () => sql`select 1 as one`,
);
const insertUser = defineStatement<{ id: string; email: string }>('transaction-test.insert', (p) =>
  builder.insertInto('users').values({ id: p.id, email: p.email, email_canonical: p.email }),
);
const renameUser = defineStatement<{ email: string; name: string }>(
  'transaction-test.rename',
  (p) => builder.updateTable('users').set({ name: p.name }).where('email', '=', p.email),
);
const backendPid = adhoc(sql<{ pid: number }>`select pg_backend_pid() as pid`);
const user = (email: string) => ({ id: crypto.randomUUID(), email });

async function countUsers(emails: string[]): Promise<number | undefined> {
  const query = builder
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('email', 'in', emails);
  return (await database.db.run(adhoc(query)))[0]?.count;
}

describe('a transaction', () => {
  it('stores everything, or nothing where the work fails', async () => {
    await database.db.transaction(async (tx) => {
      await tx.execute(insertUser(user('kept1@example.org')));
      await tx.execute(insertUser(user('kept2@example.org')));
    });
    const failing = database.db.transaction(async (tx) => {
      await tx.execute(insertUser(user('lost@example.org')));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await countUsers(['kept1@example.org', 'kept2@example.org'])).toBe(2);
    expect(await countUsers(['lost@example.org'])).toBe(0);
  });

  it('never answers success when a failed statement was passed over', async () => {
    const careless = database.db.transaction(async (tx) => {
      await tx.execute(insertUser(user('careless@example.org')));
      await tx.run(adhoc(sql`select 1 / 0`)).catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('nothing is stored');
    expect(await countUsers(['careless@example.org'])).toBe(0);
  });

  it('is of no use after its end', async () => {
    const kept = await database.db.transaction(async (tx) => tx);
    await expect(kept.run(one({}))).rejects.toThrow('The transaction has ended');
    let lost: Queryable | undefined;
    const failing = database.db.transaction(async (tx) => {
      lost = tx;
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(lost?.run(one({}))).rejects.toThrow('The transaction has ended');
  });

  it('honours isolation and read only', async () => {
    const setting = adhoc(sql<{ level: string }>`select current_setting('transaction_isolation')
      || current_setting('transaction_read_only') as level`);
    const options = { isolation: 'repeatable read', isReadOnly: true } as const;
    expect(await database.db.transaction((tx) => tx.run(setting), options)).toEqual([
      { level: 'repeatable readon' },
    ]);
  });

  it('whose connection breaks is unavailable, and the pool goes on', async () => {
    const db = openTestPool(database.serving, { poolMax: 1 });
    try {
      const broken = db.transaction(async (tx) => {
        const [backend] = await tx.run(backendPid);
        await tx.execute(insertUser(user('broken@example.org')));
        await database.db.run(adhoc(sql`select pg_terminate_backend(${backend?.pid})`));
        await delay(50);
        return tx.run(one({}));
      });
      // Nothing of it can have taken effect, since COMMIT was never sent.
      await expect(broken).rejects.toThrow(DatabaseUnavailable);
      expect(await db.run(one({}))).toEqual([{ one: 1 }]);
      expect(await countUsers(['broken@example.org'])).toBe(0);
    } finally {
      await db.close();
    }
  });
});

describe('conflicts between transactions', () => {
  beforeAll(async () => {
    await database.db.execute(insertUser(user('a@example.org')));
    await database.db.execute(insertUser(user('b@example.org')));
  });

  it('that deadlock are begun anew until both are done', async () => {
    let attempts = 0;
    const rename = (first: string, second: string) =>
      database.db.transaction(async (tx) => {
        attempts += 1;
        await tx.execute(renameUser({ email: first, name: 'x' }));
        await delay(100);
        await tx.execute(renameUser({ email: second, name: 'x' }));
      });
    await Promise.all([
      rename('a@example.org', 'b@example.org'),
      rename('b@example.org', 'a@example.org'),
    ]);
    expect(attempts).toBeGreaterThan(2);
  });

  it('that lose a serialisation race are begun anew, so that no change is lost', async () => {
    await database.db.execute(renameUser({ email: 'a@example.org', name: '0' }));
    const read = adhoc(
      builder.selectFrom('users').select('name').where('email', '=', 'a@example.org'),
    );
    const increment = () =>
      database.db.transaction(
        async (tx) => {
          const [row] = await tx.run(read);
          const name = String(Number(row?.name) + 1);
          await tx.execute(renameUser({ email: 'a@example.org', name }));
        },
        { isolation: 'serializable' },
      );
    const results = await Promise.allSettled([1, 2, 3].map(increment));
    const done = results.filter((result) => result.status === 'fulfilled').length;
    expect(done).toBeGreaterThan(1);
    expect(await database.db.run(read)).toEqual([{ name: String(done) }]);
  });

  it('that never end are reported as unavailable, after a bounded number of attempts', async () => {
    let attempts = 0;
    const hopeless = database.db.transaction(async (tx) => {
      attempts += 1;
      await tx.run(adhoc(sql`do $$ begin raise sqlstate '40001'; end $$`));
    });
    await expect(hopeless).rejects.toThrow(DatabaseUnavailable);
    expect(attempts).toBe(5);
  });
});
