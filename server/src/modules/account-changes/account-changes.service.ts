import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './account-changes.repository.ts';

/** Channel on which every process hears of changed accounts and ended sessions. */
export const ACCOUNT_CHANGES_CHANNEL = repository.CHANNEL;

/**
 * Makes every access token of a user stale, at once on every replica: clients refresh and go on with
 * what the user may do now. To be called in the transaction of whatever has changed.
 */
export async function raiseAuthVersion(db: Queryable, userId: string): Promise<void> {
  await repository.raiseAuthVersion(db, userId);
}

/** The same for everybody who has a role. */
export async function raiseAuthVersionOfRole(db: Queryable, roleName: string): Promise<void> {
  await repository.raiseAuthVersionOfRole(db, roleName);
}

/**
 * Tells every replica that what it remembers of a user, a session or an API token is void; the token
 * is known by the hash of its text, in hexadecimal.
 */
export async function announceChange(
  db: Queryable,
  kind: 'user' | 'session' | 'api_token',
  id: string,
): Promise<void> {
  await repository.announce(db, `${kind}:${id}`);
}

/**
 * Ends every open session of a user, on every replica, but for `keptSessionId`; answers how many. To
 * be called in the transaction of whatever is the cause.
 */
export function endSessionsOf(
  db: Queryable,
  userId: string,
  reason: repository.MassEndReason,
  keptSessionId: string | null = null,
): Promise<number> {
  return repository.endSessions(db, { userId, reason, keptSessionId });
}
