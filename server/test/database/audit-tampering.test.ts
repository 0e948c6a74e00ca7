import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uuidV7 } from '../../src/auth/uuid.ts';
import { deriveKeys } from '../../src/config/secrets.ts';
import { recordEvent } from '../../src/modules/audit/audit.service.ts';
import { publicKeyOf } from '../../src/modules/audit/checkpoint-signature.ts';
import {
  type Verdict,
  type VerifyOptions,
  verifyAuditLog,
} from '../../src/modules/audit/verify-audit-log.ts';
import { writeCheckpoint } from '../../src/modules/audit/write-checkpoint.ts';
import { createLog } from '../../src/platform/log.ts';
import type { Database, Queryable } from '../../src/platform/postgres/database.ts';
import { adhoc } from '../../src/platform/postgres/statement.ts';
import { openTestPool, useTestDatabase } from '../harness/database.ts';

const SIGNED = 20;
const COUNT = 30;

const t = useTestDatabase();
const keys = deriveKeys('a secret key for checkpoints');
const log = createLog('silent');
let owner: Database;

const run = (db: Queryable, text: string) => db.run(adhoc(sql.raw<Record<string, unknown>>(text)));

async function addEvents(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const userId = uuidV7();
    const requestId = uuidV7();
    const origin = { requestId, address: '192.0.2.7', userAgent: 'Ünï "quoted" \\ \u2028 \u0001' };
    const actor = { kind: 'api_token' as const, userId, apiTokenId: uuidV7(), origin };
    await recordEvent(
      t.db,
      { ...actor, permissions: new Set() },
      {
        action: 'user.updated',
        target: { kind: 'user', id: 'a "target"\n\t\u007f é 🙂' },
        userId,
        changes: { fields: ['näme', 'email'], n: 1.5e3, b: true, nested: { z: null, a: '\\' } },
        personal: { email: 'ada@example.org', name: 'Ada "the" \u0007' },
      },
    );
  }
}

beforeAll(async () => {
  owner = openTestPool(t.owner);
  await addEvents(SIGNED);
  await writeCheckpoint({ db: t.db, keys, log });
  await addEvents(COUNT - SIGNED);
});
afterAll(() => owner?.close());

/** What verification says while the owner has changed things past the triggers; nothing of it stays. */
async function verdictAfter(change: string, options: VerifyOptions = {}): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  const undone = new Error('undone');
  const tampering = owner.transaction(async (db) => {
    for (const table of ['audit_events', 'audit_personal', 'audit_checkpoints']) {
      await run(db, `ALTER TABLE ${table} DISABLE TRIGGER USER`);
    }
    await run(db, change);
    verdicts.push(await verifyAuditLog({ db, keys }, options));
    verdicts.push(await verifyAuditLog({ db, keys }, { batch: 3, ...options }));
    throw undone;
  });
  await expect(tampering).rejects.toBe(undone);
  const [verdict, inSmallBatches] = verdicts;
  if (!verdict) throw new Error('there is no verdict');
  expect(inSmallBatches).toEqual(verdict);
  return verdict;
}

const faultAfter = async (change: string, options?: VerifyOptions) =>
  (await verdictAfter(change, options)).fault;

/** Computes every hash from a position on anew, as somebody would who wants to leave no trace. */
const rewriteFrom = (position: number) => `DO $$
  DECLARE
    one audit_events;
    before bytea := (SELECT hash FROM audit_events WHERE position = ${position - 1});
  BEGIN
    FOR one IN SELECT * FROM audit_events WHERE position >= ${position} ORDER BY position LOOP
      one.previous_hash := before;
      before := audit_event_hash(one);
      UPDATE audit_events SET previous_hash = one.previous_hash, hash = before
        WHERE position = one.position;
    END LOOP;
  END $$`;

const forgedRow = (position: string) => `
  INSERT INTO audit_events (position, actor_kind, action, target_kind, previous_hash, hash)
  VALUES (${position}, 'system', 'user.updated', 'user', '\\x01', '\\x02')`;

test('what nobody has touched is intact, and covered up to the checkpoint', async () => {
  expect(await verdictAfter('SELECT 1')).toMatchObject({
    fault: null,
    checked: COUNT,
    end: { position: COUNT },
    checkpoint: { position: SIGNED },
  });
});

describe('an altered event is named', () => {
  const others: Record<string, string> = {
    occurred_at: "occurred_at + interval '1 millisecond'",
    actor_kind: "'operator'",
    actor_id: 'NULL',
    api_token_id: 'gen_random_uuid()',
    action: "'user.viewed'",
    target_kind: "'session'",
    target_id: "target_id || ' '",
    user_id: 'gen_random_uuid()',
    request_id: 'NULL',
    changes: `changes || '{"more": 1}'`,
    origin_digest: 'NULL',
    subject_digest: "'\\x00'",
    hash: 'sha256(hash)',
  };

  test('every column is covered', async () => {
    const rows = await run(
      t.db,
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = 'audit_events'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    const names = [...Object.keys(others), 'position', 'previous_hash'].sort();
    expect(rows.map(({ name }) => name).sort()).toEqual(names);
  });

  test.each(Object.entries(others))('%s', async (column, value) => {
    const change = `UPDATE audit_events SET ${column} = ${value} WHERE position = 7`;
    expect(await faultAfter(change)).toEqual({ position: 7, reason: 'hash' });
  });

  test('also a time that is none', async () => {
    const change = "UPDATE audit_events SET occurred_at = 'infinity' WHERE position = 7";
    expect(await faultAfter(change)).toEqual({ position: 7, reason: 'hash' });
  });

  test('the first of several', async () => {
    const change = "UPDATE audit_events SET action = 'user.viewed' WHERE position IN (9, 4, 28)";
    expect(await faultAfter(change)).toEqual({ position: 4, reason: 'hash' });
  });

  test('with its hash computed anew: the next one does not follow it', async () => {
    const change = `UPDATE audit_events SET action = 'user.viewed' WHERE position = 27;
      UPDATE audit_events e SET hash = audit_event_hash(e) WHERE position = 27`;
    expect(await faultAfter(change)).toEqual({ position: 28, reason: 'previous_hash' });
  });

  test('whatever the database itself says about hashes', async () => {
    const change = `
      CREATE OR REPLACE FUNCTION audit_event_hash(event audit_events) RETURNS bytea
        LANGUAGE sql STABLE AS 'SELECT event.hash';
      CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1';
      SET LOCAL search_path = public, pg_catalog;
      UPDATE audit_events SET action = 'user.viewed' WHERE position = 7`;
    expect(await faultAfter(change)).toEqual({ position: 7, reason: 'hash' });
  });
});

describe('missing and added events are named', () => {
  test.each([
    ['DELETE FROM audit_personal; DELETE FROM audit_events WHERE position = 7', 7, 'position'],
    ['DELETE FROM audit_personal; DELETE FROM audit_events WHERE position <= 2', 1, 'position'],
    ['DELETE FROM audit_personal; DELETE FROM audit_events WHERE position > 14', 15, 'truncated'],
    ['TRUNCATE audit_events CASCADE', 1, 'truncated'],
    [forgedRow('31'), 31, 'previous_hash'],
    [forgedRow('1000'), 31, 'position'],
    [forgedRow('0'), 0, 'position'],
    [forgedRow('-9223372036854775808'), Number('-9223372036854775808'), 'position'],
    [forgedRow('9223372036854775807'), 31, 'position'],
    [
      `DELETE FROM audit_personal; UPDATE audit_events SET position = -position WHERE position IN (5, 6);
       UPDATE audit_events SET position = CASE position WHEN -5 THEN 6 ELSE 5 END WHERE position < 0`,
      5,
      'previous_hash',
    ],
  ])('%s', async (change, position, reason) => {
    expect(await faultAfter(change)).toEqual({ position, reason });
  });

  test.each([2, 3, 4, 100])('a second event in one place, read %i at once', async (batch) => {
    const change = `ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey CASCADE; ${forgedRow('9')}`;
    // Either of the two may come first.
    expect((await faultAfter(change, { batch }))?.position).toBeOneOf([9, 10]);
  });

  test('what was cut off after the last checkpoint shows by a place that was noted elsewhere', async () => {
    const { end } = await verdictAfter('SELECT 1');
    const change = 'DELETE FROM audit_personal; DELETE FROM audit_events WHERE position > 25';
    expect(await faultAfter(change)).toBeNull();
    expect(await faultAfter(change, { known: [end] })).toEqual({
      position: 26,
      reason: 'truncated',
    });
  });
});

describe('a chain that was computed anew', () => {
  const forged = `UPDATE audit_events SET action = 'user.viewed' WHERE position = 7; ${rewriteFrom(7)}`;

  test('contradicts the checkpoint', async () => {
    expect(await faultAfter(forged)).toEqual({ position: SIGNED, reason: 'checkpoint' });
  });

  test('contradicts it with the hash of the checkpoint replaced', async () => {
    const change = `${forged}; UPDATE audit_checkpoints
      SET hash = (SELECT hash FROM audit_events WHERE position = ${SIGNED})`;
    expect(await faultAfter(change)).toEqual({ position: SIGNED, reason: 'checkpoint_signature' });
  });

  test('contradicts a place that was noted elsewhere, without any checkpoint', async () => {
    const { end } = await verdictAfter('SELECT 1');
    const change = `${forged}; DELETE FROM audit_checkpoints`;
    expect(await verdictAfter(change)).toMatchObject({ fault: null, checkpoint: null });
    expect(await faultAfter(change, { known: [end] })).toEqual({
      position: COUNT,
      reason: 'checkpoint',
    });
  });

  test('is not noticed after the last checkpoint, which is why there is one a day', async () => {
    const change = `UPDATE audit_events SET action = 'user.viewed' WHERE position = 27;
      ${rewriteFrom(27)}`;
    expect(await verdictAfter(change)).toMatchObject({ fault: null, checkpoint: { position: 20 } });
  });
});

describe('checkpoints', () => {
  test.each([
    ["UPDATE audit_checkpoints SET created_at = created_at + interval '1 day'", SIGNED],
    ["UPDATE audit_checkpoints SET created_at = 'infinity'", SIGNED],
    [`UPDATE audit_checkpoints SET signature = '\\x00'`, SIGNED],
    ['UPDATE audit_checkpoints SET position = 19', 19],
    [
      `INSERT INTO audit_checkpoints SELECT 25, hash, now(), '\\x00' FROM audit_events WHERE position = 25`,
      25,
    ],
    [`INSERT INTO audit_checkpoints VALUES (-4, '\\x00', now(), '\\x00')`, -4],
  ])('that were not signed are named: %s', async (change, position) => {
    expect(await faultAfter(change)).toEqual({ position, reason: 'checkpoint_signature' });
  });

  test('signed under a former SECRET_KEY count where its public key is given', async () => {
    const now = { db: t.db, keys: deriveKeys('another secret key') };
    const fault = { position: SIGNED, reason: 'checkpoint_signature' };
    expect((await verifyAuditLog(now)).fault).toEqual(fault);
    const formerKeys = [publicKeyOf(keys.auditCheckpoint)];
    expect((await verifyAuditLog(now, { formerKeys })).fault).toBeNull();
  });
});

describe('what is personal', () => {
  test.each([
    [`UPDATE audit_personal SET data = '{"address": "203.0.113.9"}'`, 'origin'],
    ["UPDATE audit_personal SET salt = '\\x00'", 'origin'],
    ['UPDATE audit_personal SET user_id = gen_random_uuid()', 'origin'],
    [`UPDATE audit_personal SET data = '{}' WHERE part = 'subject'`, 'subject'],
    [
      `DELETE FROM audit_personal WHERE part = 'origin';
       UPDATE audit_personal SET part = 'origin'`,
      'origin',
    ],
  ])('is compared while it is there: %s', async (change, reason) => {
    expect(await faultAfter(change)).toEqual({ position: 1, reason });
  });

  test('cannot be added later', async () => {
    const change = `INSERT INTO audit_personal
      SELECT position, 'subject', user_id, '\\x00', '{}' FROM audit_events WHERE position = 31`;
    const verdict = await verdictAfter(`
      ALTER TABLE audit_events ENABLE TRIGGER audit_events_chain;
      INSERT INTO audit_events (actor_kind, action, target_kind) VALUES ('system', 'user.updated', 'user');
      ${change}`);
    expect(verdict.fault).toEqual({ position: 31, reason: 'subject' });
  });

  test('may be erased: the chain stays whole', async () => {
    expect(await faultAfter('DELETE FROM audit_personal')).toBeNull();
  });

  test('cannot be told from its digest: equal data has unequal ones', async () => {
    const [row] = await run(
      t.db,
      `SELECT count(DISTINCT origin_digest) AS digests, count(DISTINCT data) AS data
       FROM audit_events JOIN audit_personal USING (position) WHERE part = 'origin'`,
    );
    expect(row).toEqual({ digests: COUNT, data: 1 });
  });
});

describe('writing checkpoints', () => {
  test('an audit log that does not fit is never signed', async () => {
    const undone = new Error('undone');
    const attempt = owner.transaction(async (db) => {
      await run(db, 'ALTER TABLE audit_events DISABLE TRIGGER USER');
      await run(db, "UPDATE audit_events SET action = 'user.viewed' WHERE position = 27");
      await expect(writeCheckpoint({ db, keys, log })).rejects.toThrow('position 27 on (hash)');
      expect(await run(db, 'SELECT position FROM audit_checkpoints')).toHaveLength(1);
      throw undone;
    });
    await expect(attempt).rejects.toBe(undone);
  });

  test('two at once write one; without new events there is none', async () => {
    const lines: string[] = [];
    const told = createLog('info', { write: (line: string) => lines.push(line) });
    const ctx = { db: t.db, keys, log: told };
    const both = await Promise.all([writeCheckpoint(ctx), writeCheckpoint(ctx)]);
    expect(both.map(({ end }) => end.position)).toEqual([COUNT, COUNT]);
    expect((await writeCheckpoint(ctx)).checked).toBe(0);
    expect(await run(t.db, 'SELECT position FROM audit_checkpoints ORDER BY 1')).toEqual([
      { position: SIGNED },
      { position: COUNT },
    ]);
    expect((await verifyAuditLog({ db: t.db, keys })).checkpoint?.position).toBe(COUNT);
    // The line proves what the log was, outside the database.
    const [line] = lines.filter((text) => text.includes('audit log signed'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      position: COUNT,
      hash: both[0]?.end.hash.toString('hex'),
    });
  });
});
