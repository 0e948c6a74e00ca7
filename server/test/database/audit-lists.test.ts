import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditFilter,
  listActivity,
  listEvents,
} from '../../src/modules/audit/audit-list.repository.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { useTestDatabase } from '../harness/database.ts';
import { buffersOf, type PlanMode, sentBy } from '../harness/plans.ts';

const EVENT_COUNT = 20_000;
const LIMIT = 51;
/** For each event of a page itself, two side rows and two people, with the ways down the indexes. */
const MAX_BUFFERS = 25 * LIMIT;
/** Has a fourth of all events. */
const USER = idOf(1);

const database = useTestDatabase();
let owner: pg.Client;

function idOf(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

beforeAll(async () => {
  owner = await connectClient(database.owner);
  await owner.query(
    `INSERT INTO users (id, email, email_canonical)
     SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n::text, n::text
     FROM generate_series(1, 2000) n`,
  );
  // The chain is of no concern here, and takes a while to compute.
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_chain');
  await owner.query(
    `INSERT INTO audit_events (position, occurred_at, actor_kind, actor_id, action, target_kind,
       target_id, user_id, previous_hash, hash)
     SELECT n, '2026-01-01'::timestamptz + n * interval '1 minute',
       CASE WHEN n % 10 = 0 THEN 'anonymous' ELSE 'user' END, CASE WHEN n % 10 > 0 THEN id END,
       CASE WHEN n % 2000 = 0 THEN 'role.deleted' ELSE 'session.started' END, 'user', id, id,
       int8send(n), int8send(n + 1)
     FROM generate_series(1, $1::bigint) n, lateral (
       SELECT ('00000000-0000-7000-8000-' || lpad((CASE WHEN n % 4 = 1 THEN 1 ELSE 1 + n % 2000 END)::text, 12, '0'))::uuid AS id
     ) AS people`,
    [EVENT_COUNT],
  );
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER audit_events_chain');
  await owner.query('ANALYZE audit_events');
  await owner.query(
    `INSERT INTO audit_personal (position, part, user_id, salt, data)
     SELECT position, 'origin', user_id, 's', '{"address": "192.0.2.1"}' FROM audit_events`,
  );
  await owner.query('VACUUM ANALYZE');
});
afterAll(() => owner.end());

describe('pages of the audit log cost the same, however many events there are', () => {
  const filters: AuditFilter[] = [
    {},
    { actorId: USER },
    { actorId: idOf(77) },
    { actorKind: 'anonymous' },
    { action: 'session.started' },
    { action: 'role.deleted' },
    { action: 'user.purged' },
    { target: USER, isTargetUuid: true },
    { from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z' },
    { actorId: USER, action: 'session.started', to: '2026-01-02T00:00:00Z' },
  ];

  it.each(filters)('%j, first page and one far back', async (filter) => {
    for (const place of [{}, { before: 2_000 }]) {
      const statement = await sentBy((db) => listEvents(db, { ...filter, ...place }, LIMIT));
      expect(await buffersOf(owner, statement, 'force_custom_plan')).toBeLessThan(MAX_BUFFERS);
    }
  });
});

describe('what concerns one person costs the same, however much that is', () => {
  const modes: PlanMode[] = ['force_generic_plan', 'force_custom_plan'];

  it.each(modes)('by %s', async (mode) => {
    for (const before of [Number.MAX_SAFE_INTEGER, 1_000]) {
      const query = { userId: USER, before, limit: LIMIT };
      const statement = await sentBy((db) => listActivity(db, query));
      expect(await buffersOf(owner, statement, mode)).toBeLessThan(12 * LIMIT);
    }
    const rows = await listActivity(database.db, { userId: USER, before: 1_000, limit: LIMIT });
    expect(rows[0]).toMatchObject({ position: 997, origin: { address: '192.0.2.1' } });
    expect(rows).toHaveLength(LIMIT);
  });
});
