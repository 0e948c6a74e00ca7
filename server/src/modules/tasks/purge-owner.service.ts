import type { Queryable } from '../../platform/postgres/database.ts';
import { deleteSomeTasksOf } from './purge-owner.repository.ts';

/** Deletes for good up to `limit` tasks of a person who is being purged; answers how many. */
export function purgeTasksOf(db: Queryable, userId: string, limit: number): Promise<number> {
  return deleteSomeTasksOf(db, userId, limit);
}
