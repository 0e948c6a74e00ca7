import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openTestPool, useTestDatabase } from '../../../test/harness/database.ts';
import type { Database } from './database.ts';
import type { Queryable } from './queryable.ts';
import { adhoc } from './statement.ts';

const database = useTestDatabase();

/** Halts the database process behind the only connection of a pool, without ending it. */
async function freeze(db: Queryable): Promise<number> {
  const [row] = await db.run(adhoc(sql<{ pid: number }>`select pg_backend_pid() as pid`));
  process.kill(row?.pid ?? 0, 'SIGSTOP');
  return row?.pid ?? 0;
}

/** `work` freezes the connection's process, answers its id, and asks it something. */
async function expectGivenUp(work: (db: Database, frozen: (pid: number) => void) => Promise<void>) {
  const db = openTestPool(database.serving, { poolMax: 1, poolMin: 0, statementTimeoutMs: 100 });
  let pid = 0;
  try {
    const asked = work(db, (frozenPid) => {
      pid = frozenPid;
    });
    await expect(asked).rejects.toThrow(/database is unavailable/i);
    expect(await db.run(adhoc(sql`select 1 as one`))).toEqual([{ one: 1 }]);
  } finally {
    process.kill(pid, 'SIGCONT');
    await db.close();
  }
}

test('a statement without any answer is given up, and the next one gets another connection', async () => {
  await expectGivenUp(async (db, frozen) => {
    frozen(await freeze(db));
    await db.run(adhoc(sql`select 1`));
  });
});

test('so is a transaction', async () => {
  await expectGivenUp((db, frozen) =>
    db.transaction(async (tx) => {
      frozen(await freeze(tx));
      await tx.run(adhoc(sql`select 1`));
    }),
  );
});
