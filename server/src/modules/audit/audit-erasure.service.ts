import type { Queryable } from '../../platform/postgres/database.ts';
import { deletePersonal } from './audit-erasure.repository.ts';

/** Erases what the audit log holds of a person, as part of a transaction; the chain of events stays whole. */
export async function erasePersonalData(db: Queryable, userId: string): Promise<void> {
  await deletePersonal(db, userId);
}
