import { SYSTEM } from '../../auth/actor.ts';
import type { Context } from '../../context.ts';
import { eraseTraces, recordEvent } from '../audit/audit.service.ts';
import { KEEP_DELETED_DAYS } from './deletion.service.ts';
import { deletePurgeable, findPurgeable } from './purge.repository.ts';

/**
 * Removes one account that was deleted 30 days ago, and everything that tells of its person: rows of
 * every table, payloads of jobs, and what is personal in the audit log, whose chain stays whole.
 * Answers how many that were.
 */
export function purgeUsers(ctx: Context): Promise<number> {
  return ctx.db.transaction(async (db) => {
    const user = await findPurgeable(db, KEEP_DELETED_DAYS);
    if (!user) return 0;
    await eraseTraces(db, user.id);
    await ctx.jobs.forget(db, 'user_id', user.id);
    await ctx.jobs.forget(db, 'email', user.email_canonical);
    await deletePurgeable(db, user.id);
    await recordEvent(db, SYSTEM, {
      action: 'user.purged',
      target: { kind: 'user', id: user.id },
      userId: null,
    });
    return 1;
  });
}
