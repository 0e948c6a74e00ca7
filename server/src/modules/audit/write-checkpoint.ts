import type { DerivedKeys } from '../../config/secrets.ts';
import type { Log } from '../../platform/log.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './audit-chain.repository.ts';
import { BEGINNING, type Place } from './audit-chain.ts';
import { contentOf, isSignedBy, publicKeyOf, signCheckpoint } from './checkpoint-signature.ts';
import { followChain } from './verify-audit-log.ts';

type Parts = { db: Queryable; keys: DerivedKeys; log: Log };

/**
 * Signs what the audit log is now, after following it from the last checkpoint: what does not fit is
 * never signed. Answers how many events were added since, and where the log ends. The line in the
 * server's log lies outside the database, and proves later what the audit log was.
 * @throws Error where an event does not fit; DatabaseUnavailable
 */
export async function writeCheckpoint(ctx: Parts): Promise<{ checked: number; end: Place }> {
  const start = await lastSigned(ctx);
  const { checked, end, fault } = await followChain(ctx.db, start);
  if (fault) {
    const { position, reason } = fault;
    throw new Error(`The audit log does not fit from position ${position} on (${reason})`);
  }
  if (checked > 0) {
    const { position, hash } = end;
    const createdAt = new Date().toISOString();
    const signature = signCheckpoint(ctx.keys.auditCheckpoint, { position, hash, createdAt });
    const row = { position, hash, created_at: createdAt, signature };
    const isNew = await repository.insertCheckpoint(ctx.db, row);
    if (isNew) ctx.log.info({ position, hash: hash.toString('hex') }, 'audit log signed');
  }
  return { checked, end };
}

/** The last place that was signed with the present key; without any, the beginning. */
async function lastSigned({ db, keys }: Parts): Promise<Place> {
  const key = publicKeyOf(keys.auditCheckpoint);
  const checkpoints = await repository.listCheckpoints(db);
  const last = checkpoints.findLast((row) => isSignedBy([key], contentOf(row), row.signature));
  return last ?? BEGINNING;
}
