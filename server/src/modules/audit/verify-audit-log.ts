import type { KeyObject } from 'node:crypto';
import type { DerivedKeys } from '../../config/secrets.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './audit-chain.repository.ts';
import { BEGINNING, type ChainRow, type EventFault, faultOf, type Place } from './audit-chain.ts';
import { contentOf, isSignedBy, publicKeyOf } from './checkpoint-signature.ts';

/** What can be wrong; the first that is found ends the verification. */
export const FAULTS = [
  'position',
  'previous_hash',
  'hash',
  'origin',
  'subject',
  'checkpoint_signature',
  'checkpoint',
  'truncated',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What a verification has found. */
export interface Verdict {
  /** Events that fit. */
  checked: number;
  /** Where the events that fit end. */
  end: Place;
  /** The first position that does not fit, and why; null: all do. */
  fault: { position: number; reason: Fault } | null;
  /** The last checkpoint that agrees with the events; what came after it is covered by none yet. */
  checkpoint: { position: number; createdAt: string } | null;
}

export interface VerifyOptions {
  /** Keys of former times that checkpoints may be signed with, besides the present one. */
  formerKeys?: KeyObject[];
  /** A place that the chain is known to have passed, kept somewhere else. */
  known?: Place[];
  /** Events read at once. */
  batch?: number;
}

/** What the chain must agree with at a position. */
interface Mark extends Place {
  createdAt: string | null;
  isSigned: boolean;
}

const BATCH = 500;
/** Below every position: what lies before the first event must be seen too. */
const LEAST_BIGINT = '-9223372036854775808';

/**
 * Reads the whole audit log and computes every hash anew; names the first event that does not fit,
 * a missing one, or a checkpoint that the events contradict.
 * @throws DatabaseUnavailable
 */
export async function verifyAuditLog(
  ctx: { db: Queryable; keys: DerivedKeys },
  options: VerifyOptions = {},
): Promise<Verdict> {
  const keys = [publicKeyOf(ctx.keys.auditCheckpoint), ...(options.formerKeys ?? [])];
  // Read first: a checkpoint that is added meanwhile may be beyond what is read here.
  const marks = marksOf(await repository.listCheckpoints(ctx.db), keys, options.known ?? []);
  const passed: Verdict['checkpoint'][] = [null];
  let next = 0;

  const contradiction = ({ position, hash }: Place): Verdict['fault'] => {
    for (let mark = marks[next]; mark && mark.position <= position; mark = marks[++next]) {
      if (!mark.isSigned) return { position: mark.position, reason: 'checkpoint_signature' };
      if (mark.position !== position || !mark.hash.equals(hash)) {
        return { position: mark.position, reason: 'checkpoint' };
      }
      const { createdAt } = mark;
      if (createdAt !== null) passed.push({ position, createdAt });
    }
    return null;
  };

  const { checked, end, fault } = await followChain(
    ctx.db,
    BEGINNING,
    contradiction,
    options.batch,
  );
  const isCutOff = fault === null && next < marks.length;
  const found = isCutOff ? ({ position: end.position + 1, reason: 'truncated' } as const) : fault;
  return { checked, end, fault: found, checkpoint: passed.at(-1) ?? null };
}

/**
 * Follows the chain from a place whose hash is known to its end, or to the first event that does not
 * fit. `check` may object to an event that does.
 */
export async function followChain(
  db: Queryable,
  start: Place,
  check: (place: Place) => Verdict['fault'] = () => null,
  batch: number = BATCH,
): Promise<Pick<Verdict, 'checked' | 'end' | 'fault'>> {
  let end = start;
  let checked = 0;
  for await (const row of eventsAfter(db, start.position, batch)) {
    const reason: EventFault | null = faultOf(row, end);
    if (reason) return { checked, end, fault: { position: placeOf(row.position, end), reason } };
    end = { position: row.position, hash: row.hash ?? end.hash };
    const objection = check(end);
    if (objection) return { checked, end, fault: objection };
    checked += 1;
  }
  return { checked, end, fault: null };
}

/** The last event is read again with every batch, so that a second one in its place does not hide between two. */
async function* eventsAfter(db: Queryable, start: number, batch: number): AsyncGenerator<ChainRow> {
  let last = start;
  for (;;) {
    const rows = await repository.readChain(db, last === 0 ? LEAST_BIGINT : String(last), batch);
    const isAgain = last !== 0 && rows[0]?.position === last;
    for (const row of isAgain ? rows.slice(1) : rows) yield row;
    if (rows.length < batch) return;
    last = rows.at(-1)?.position ?? last;
  }
}

/** Where positions are left out, the first of them is what does not fit. */
function placeOf(position: number, before: Place): number {
  return Math.min(position, before.position + 1);
}

function marksOf(rows: repository.CheckpointRow[], keys: KeyObject[], known: Place[]): Mark[] {
  const signed = rows.map((row) => {
    const content = contentOf(row);
    return { ...content, isSigned: isSignedBy(keys, content, row.signature) };
  });
  const given = known.map((place) => ({ ...place, createdAt: null, isSigned: true }));
  return [...signed, ...given].sort((a, b) => a.position - b.position);
}
