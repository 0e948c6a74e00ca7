import { SYSTEM } from '../../auth/actor.ts';
import type { Context } from '../../context.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { eraseTraces, recordEvent } from '../audit/audit.service.ts';
import { purgeTasksOf } from '../tasks/purge-owner.service.ts';
import { KEEP_DELETED_DAYS } from './deletion.service.ts';
import { deletePurgeable, findPurgeable } from './purge.repository.ts';

/** Rows of one kind that one transaction deletes: however many a person left, no statement takes long. */
const BATCH = 5_000;

/**
 * Removes one account that was deleted 30 days ago, and everything that tells of its person: rows of
 * every table, payloads of jobs, and what is personal in the audit log, whose chain stays whole. What
 * there may be much of goes first, in transactions of its own; whoever is told to stop in between
 * leaves the rest to the next time. Answers how many accounts that were.
 */
export async function purgeUsers(ctx: Context): Promise<number> {
  for (;;) {
    const outcome = await ctx.db.transaction((db) => purgeSome(ctx, db));
    if (outcome === 'whole') return 1;
    if (outcome === 'none' || ctx.isStopping) return 0;
  }
}

async function purgeSome(ctx: Context, db: Queryable): Promise<'none' | 'part' | 'whole'> {
  const user = await findPurgeable(db, KEEP_DELETED_DAYS);
  if (!user) return 'none';
  const taskCount = await purgeTasksOf(db, user.id, BATCH);
  const traceCount = await eraseTraces(db, user.id, BATCH);
  if (taskCount === BATCH || traceCount === BATCH) return 'part';
  await ctx.jobs.forget(db, 'user_id', user.id);
  if (user.email_canonical !== null) await ctx.jobs.forget(db, 'email', user.email_canonical);
  await deletePurgeable(db, user.id);
  await recordEvent(db, SYSTEM, {
    action: 'user.purged',
    target: { kind: 'user', id: user.id },
    userId: null,
  });
  return 'whole';
}
