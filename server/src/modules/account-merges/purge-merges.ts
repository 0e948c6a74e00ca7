import type { Context } from '../../context.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { KEEP_DELETED_DAYS } from '../users/deletion.service.ts';
import * as repository from './account-merges.repository.ts';
import { deleteOldOffers } from './merge-offers.repository.ts';

/** Rows of one kind that one transaction deletes. */
const BATCH = 5_000;

/**
 * Forgets one batch of what can be of no use any more: offers whose time is over, and one merge that
 * cannot be undone any longer. Answers how many there were, counting parts.
 */
export async function purgeMerges(ctx: Context): Promise<number> {
  const offers = await deleteOldOffers(ctx.db, BATCH);
  return offers > 0 ? offers : ctx.db.transaction(purgeOne);
}

async function purgeOne(db: Queryable): Promise<number> {
  const merge = await repository.findPurgeable(db, KEEP_DELETED_DAYS);
  if (!merge) return 0;
  const records = await repository.deleteTaskRecords(db, merge, BATCH);
  if (records < BATCH) await repository.deleteMerge(db, merge);
  return 1;
}
