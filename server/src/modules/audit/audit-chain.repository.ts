import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';
import type { ChainRow } from './audit-chain.ts';

/** A checkpoint as it stands in the table. */
export interface CheckpointRow {
  position: number;
  hash: Buffer;
  created_at: string;
  signature: Buffer;
}

interface Batch {
  /** The first position; as text, since it may be the least `bigint`. */
  from: string;
  limit: number;
}

/** Built-in types and operators only: nothing that the owner of the tables could have replaced. */
const readStatement = defineStatement<Batch, ChainRow>(
  'audit.read_chain',
  (p) => sql`
    select e.position, e.occurred_at, e.actor_kind, e.actor_id, e.api_token_id, e.action,
      e.target_kind, e.target_id, e.user_id, e.request_id, e.changes::text as changes,
      e.origin_digest, e.subject_digest, e.previous_hash, e.hash,
      ${sideOf('o')} as origin, ${sideOf('s')} as subject
    from (
      select * from audit_events where position >= ${p.from}::bigint
      order by position limit ${p.limit}::int
    ) as e
    left join audit_personal o on o.position = e.position and o.part = 'origin'
    left join audit_personal s on s.position = e.position and s.part = 'subject'
    order by e.position`,
);

const listCheckpointsStatement = defineStatement<object, CheckpointRow>(
  'audit.list_checkpoints',
  () =>
    builder
      .selectFrom('audit_checkpoints')
      .select(['position', 'hash', 'created_at', 'signature'])
      .orderBy('position'),
);

const insertCheckpointStatement = defineStatement<CheckpointRow>('audit.insert_checkpoint', (p) =>
  builder
    .insertInto('audit_checkpoints')
    .values({
      position: p.position,
      hash: p.hash,
      created_at: p.created_at,
      signature: p.signature,
    })
    .onConflict((conflict) => conflict.doNothing()),
);

function sideOf(alias: string) {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  return sql`case when ${column('position')} is not null then json_build_object(
    'user_id', ${column('user_id')}, 'salt', encode(${column('salt')}, 'hex'),
    'data', ${column('data')}::text) end`;
}

/** Events in the order of the chain, from a position on. */
export function readChain(db: Queryable, from: string, limit: number): Promise<ChainRow[]> {
  return db.run(readStatement({ from, limit }));
}

/** Every checkpoint, in the order of the chain; there is one a day. */
export function listCheckpoints(db: Queryable): Promise<CheckpointRow[]> {
  return db.run(listCheckpointsStatement({}));
}

/** Adds a checkpoint, unless its place has one. */
export async function insertCheckpoint(db: Queryable, checkpoint: CheckpointRow): Promise<boolean> {
  return (await db.execute(insertCheckpointStatement(checkpoint))) > 0;
}
