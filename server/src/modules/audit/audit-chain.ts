import { hash } from 'node:crypto';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';

/** An event as it stands in the table, with its side rows; null also where a constraint would forbid it. */
export interface ChainRow {
  position: number;
  occurred_at: string;
  actor_kind: string | null;
  actor_id: string | null;
  api_token_id: string | null;
  action: string | null;
  target_kind: string | null;
  target_id: string | null;
  user_id: string | null;
  request_id: string | null;
  /** As PostgreSQL writes `jsonb`. */
  changes: string | null;
  origin_digest: Buffer | null;
  subject_digest: Buffer | null;
  previous_hash: Buffer | null;
  hash: Buffer | null;
  origin: SideRow | null;
  subject: SideRow | null;
}

/** What is personal in an event, as long as it has not been erased. */
interface SideRow {
  user_id: string | null;
  /** In hexadecimal digits. */
  salt: string;
  /** As PostgreSQL writes `jsonb`. */
  data: string;
}

/** A place in the chain: the next event carries its hash. */
export interface Place {
  position: number;
  hash: Buffer;
}

/** What can be wrong with an event. */
export type EventFault = 'position' | 'previous_hash' | 'hash' | 'origin' | 'subject';

/** Where the chain begins. */
export const BEGINNING: Place = { position: 0, hash: Buffer.alloc(32) };

/**
 * What is wrong with an event that should follow `before`; null: nothing. Everything is computed
 * here: functions in the database may have been replaced by whoever changed the rows.
 */
export function faultOf(row: ChainRow, before: Place): EventFault | null {
  if (row.position !== before.position + 1) return 'position';
  if (!row.previous_hash?.equals(before.hash)) return 'previous_hash';
  if (!row.hash || !hashOf(row, row.previous_hash)?.equals(row.hash)) return 'hash';
  const { actor_id: actorId, user_id: userId } = row;
  if (!isGenuine(row.origin, row.origin_digest, actorId ?? userId)) return 'origin';
  return isGenuine(row.subject, row.subject_digest, userId) ? null : 'subject';
}

/** SHA-256 of the previous hash and the fields as PostgreSQL writes them in a `jsonb` array. */
function hashOf(row: ChainRow, previousHash: Buffer): Buffer | null {
  const time = timeOf(row);
  if (time === null) return null;
  const fields = [
    String(row.position),
    JSON.stringify(time),
    ...[row.actor_kind, row.actor_id, row.api_token_id, row.action].map(textOf),
    ...[row.target_kind, row.target_id, row.user_id, row.request_id].map(textOf),
    row.changes ?? 'null',
    ...[row.origin_digest, row.subject_digest].map((digest) => textOf(digest?.toString('hex'))),
  ];
  const message = Buffer.from(`[${fields.join(', ')}]`);
  return hash('sha256', Buffer.concat([previousHash, message]), 'buffer');
}

/** An absent side row may have been erased; one that is there must be the one that was written. */
function isGenuine(side: SideRow | null, digest: Buffer | null, ownerId: string | null): boolean {
  if (side === null) return true;
  if (digest === null || side.user_id !== ownerId) return false;
  const message = Buffer.concat([Buffer.from(side.salt, 'hex'), Buffer.from(side.data)]);
  return hash('sha256', message, 'buffer').equals(digest);
}

/** PostgreSQL escapes text in JSON exactly as JavaScript does. */
function textOf(text: string | null | undefined): string {
  return JSON.stringify(text ?? null);
}

/** null: no time that the log could have written, such as `infinity`. */
function timeOf(row: ChainRow): string | null {
  try {
    return toRfc3339(row.occurred_at);
  } catch {
    return null;
  }
}
