import { AppError } from '../../errors.ts';

/**
 * Refuses a change of a user who is not (any more) as the caller has seen them.
 * @param versions those that the change holds for; null: any
 * @throws user.version_mismatch
 */
export function requireVersion(present: number, versions: number[] | null): void {
  if (versions === null || versions.includes(present)) return;
  throw new AppError('user.version_mismatch', { currentVersion: present });
}
