import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { OPERATOR, SYSTEM } from '../../src/auth/actor.ts';
import { uuidV7 } from '../../src/auth/uuid.ts';
import { deriveKeys } from '../../src/config/secrets.ts';
import { recordEvent } from '../../src/modules/audit/audit.service.ts';
import { verifyAuditLog } from '../../src/modules/audit/verify-audit-log.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { openTestPool, useTestDatabase } from '../harness/database.ts';
import { until } from '../harness/until.ts';

const t = useTestDatabase();
const keys = deriveKeys('a secret key for the chain');
const EVENT = { action: 'user.updated', target: { kind: 'user', id: null }, userId: null } as const;

const verify = () => verifyAuditLog({ db: t.db, keys });

async function countEvents(): Promise<number> {
  const [row] = await t.db.run(adhoc(sql<{ n: number }>`select count(*) as n from audit_events`));
  return row?.n ?? 0;
}

async function newUser(): Promise<string> {
  const id = uuidV7();
  const email = `${id}@example.org`;
  await t.db.execute(
    adhoc(
      sql`insert into users (id, email, email_canonical) values (${id}::uuid, ${email}, ${email})`,
    ),
  );
  return id;
}

describe('the chain of the audit log', () => {
  test('holds under 50 transactions at once, of which some roll back and some lose deadlocks', async () => {
    const db = openTestPool(t.serving, { poolMax: 50 });
    const before = await countEvents();
    const users = await Promise.all(Array.from({ length: 50 }, newUser));
    let kept = 0;
    let attempts = 0;
    const touch = (tx: Parameters<typeof recordEvent>[0], id: string | undefined) =>
      tx.execute(adhoc(sql`update users set name = 'n' where id = ${id ?? null}::uuid`));
    const work = async (n: number) => {
      const isRolledBack = n % 5 === 0;
      const count = 1 + (n % 3);
      const done = db.transaction(async (tx) => {
        attempts += 1;
        for (let i = 0; i < count; i++) await recordEvent(tx, OPERATOR, EVENT);
        // The two of a pair take the same rows in opposite orders: one of them loses.
        await touch(tx, users[n]);
        await delay(5);
        await touch(tx, users[n ^ 1]);
        if (isRolledBack) throw new Error('on purpose');
      });
      if (isRolledBack) await expect(done).rejects.toThrow('on purpose');
      else {
        await done;
        kept += count;
      }
    };
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 50 }, (_, n) => work(n)));
    }
    await db.close();
    expect(attempts).toBeGreaterThan(150);
    expect((await countEvents()) - before).toBe(kept);
    expect(await verify()).toMatchObject({ fault: null, checked: before + kept });
  }, 60_000);

  test('holds for several rows of one statement', async () => {
    await t.db.execute(
      adhoc(sql`insert into audit_events (actor_kind, action, target_kind)
        select 'system', 'user.updated', 'user' from generate_series(1, 5)`),
    );
    expect((await verify()).fault).toBeNull();
  });

  test('takes the time itself: it never goes back, whatever the writer says', async () => {
    await t.db.execute(
      adhoc(sql`insert into audit_events (actor_kind, action, target_kind, occurred_at)
        values ('system', 'user.updated', 'user', '2001-01-01')`),
    );
    const rows = await t.db.run(
      adhoc(sql<{ is_back: boolean }>`select occurred_at < lag(occurred_at, 1, '-infinity')
        over (order by position) or occurred_at < '2002-01-01' as is_back from audit_events`),
    );
    expect(rows.some((row) => row.is_back)).toBe(false);
  });

  test.each(['repeatable read', 'serializable'] as const)(
    'is refused in %s, which does not see the last event',
    async (isolation) => {
      const before = await countEvents();
      const done = t.db.transaction((tx) => recordEvent(tx, SYSTEM, EVENT), { isolation });
      await expect(done).rejects.toThrow('read committed only');
      expect(await countEvents()).toBe(before);
    },
  );

  test('is held from the last statement to the commit only', async () => {
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let hasRecorded = false;
    const slow = t.db.transaction(async (tx) => {
      await recordEvent(tx, OPERATOR, EVENT);
      hasRecorded = true;
      await waiting;
    });
    await until(() => hasRecorded);
    // Would wait for the other one's end if that held the lock already.
    await recordEvent(t.db, SYSTEM, EVENT);
    goOn();
    await slow;
    expect((await verify()).fault).toBeNull();
  });

  test('a process that stands still before its commit loses the lock', async () => {
    const client = await connectClient(t.serving);
    await client.query('BEGIN');
    await client.query(
      "INSERT INTO audit_events (actor_kind, action, target_kind) VALUES ('system', 'user.updated', 'user')",
    );
    const { rows } = await client.query('SHOW idle_in_transaction_session_timeout');
    expect(rows).toEqual([{ idle_in_transaction_session_timeout: '5s' }]);
    await client.query('ROLLBACK');
    const after = await client.query('SHOW idle_in_transaction_session_timeout');
    expect(after.rows).not.toEqual(rows);
    await client.end();
  });

  test.each([
    "UPDATE audit_events SET action = 'user.viewed'",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events CASCADE',
    "INSERT INTO audit_events (actor_kind, action, target_kind) VALUES ('system', 'user.updated', 'user') ON CONFLICT (position) DO UPDATE SET action = 'a.b'",
    'DELETE FROM audit_checkpoints',
    "UPDATE audit_checkpoints SET hash = ''",
    "UPDATE audit_personal SET data = '{}'",
    'ALTER TABLE audit_events DISABLE TRIGGER ALL',
  ])(
    'refuses the serving role %s, and the owner too while the triggers are there',
    async (statement) => {
      const before = await countEvents();
      const serving = await connectClient(t.serving);
      await expect(serving.query(statement)).rejects.toThrow(/permission denied|must be owner/);
      await serving.end();
      if (!statement.startsWith('ALTER')) {
        const owner = await connectClient(t.owner);
        await expect(owner.query(statement)).rejects.toThrow('never changed');
        await owner.end();
      }
      expect(await countEvents()).toBe(before);
    },
  );
});
