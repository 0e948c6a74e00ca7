import type { Actor, SessionActor } from '../../auth/actor.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { recordEvent } from '../audit/audit.service.ts';
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

/**
 * Refuses an act whose session has ended since its request came in, such as by a new password. To be
 * called with the account held, so that nothing ends the session between this and the act.
 * @throws session.invalid
 */
export async function requireOpenSession(
  db: Queryable,
  { userId, sessionId }: SessionActor,
): Promise<void> {
  if (!(await repository.isSessionOpen(db, userId, sessionId))) {
    throw new AppError('session.invalid');
  }
}

/**
 * Takes from a user everybody else's word for them: identities of providers and of other front ends.
 * To be called in the transaction of whatever is the cause, which raises `auth_version`.
 */
export async function unlinkIdentitiesOf(
  db: Queryable,
  actor: Actor,
  userId: string,
): Promise<void> {
  const count = await repository.deleteIdentities(db, userId);
  if (count === 0) return;
  await recordEvent(db, actor, {
    action: 'identity.unlinked',
    target: { kind: 'user', id: userId },
    userId,
    changes: { count },
  });
}
