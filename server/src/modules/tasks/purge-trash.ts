import type { Work } from '../../context.ts';
import { deleteOldTrash } from './purge-trash.repository.ts';

/** How long a deleted task can be brought back. */
const KEEP_DAYS = 30;
const BATCH = 500;

/** Deletes for good one batch of tasks whose time in the trash is over; answers how many. */
export function purgeTrash(ctx: Work): Promise<number> {
  return deleteOldTrash(ctx.db, KEEP_DAYS, BATCH);
}
