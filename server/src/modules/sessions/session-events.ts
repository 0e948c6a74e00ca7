import type { AnonymousActor, Origin, SessionActor } from '../../auth/actor.ts';
import type { ProviderName } from '../../config/providers.ts';
import type { Work } from '../../context.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { enqueueNotice } from '../users/notices.service.ts';
import { endSession, type SessionKey } from './sessions.repository.ts';

/** How somebody has shown who they are. */
export type SignInMethod = 'password' | ProviderName;

/** The person who has just signed in, or holds a token of the session. */
function personOf({ userId, sessionId }: SessionKey, origin: Origin): SessionActor {
  const authenticatedAtSeconds = Math.floor(Date.now() / 1000);
  const permissions: SessionActor['permissions'] = new Set();
  return { kind: 'user', userId, sessionId, authenticatedAtSeconds, permissions, origin };
}

/** Notes that a session has begun, in the transaction in which it does. */
export function recordStart(
  ctx: Work,
  key: SessionKey,
  { method, origin }: { method: SignInMethod; origin: Origin },
): Promise<void> {
  return recordEvent(ctx.db, personOf(key, origin), {
    action: 'session.started',
    target: { kind: 'session', id: key.sessionId },
    userId: key.userId,
    changes: { method },
  });
}

/** Ends a session, as part of a transaction, and notes that its person did; nothing where it had ended. */
export async function endByPerson(ctx: Work, key: SessionKey, origin: Origin): Promise<void> {
  if (!(await endSession(ctx.db, key, 'logout'))) return;
  await recordEvent(ctx.db, personOf(key, origin), {
    action: 'session.ended',
    target: { kind: 'session', id: key.sessionId },
    userId: key.userId,
    changes: { reason: 'logout' },
  });
}

/** Ends a session, as part of a transaction, whose refresh token two parties hold, and tells its person. */
export async function endForReuse(
  ctx: Work,
  key: SessionKey,
  actor: AnonymousActor,
): Promise<void> {
  const { userId, sessionId } = key;
  if (!(await endSession(ctx.db, key, 'reuse'))) return;
  await enqueueNotice(ctx, actor, userId, 'refresh_token_reused');
  await recordEvent(ctx.db, actor, {
    action: 'session.reuse_detected',
    target: { kind: 'session', id: sessionId },
    userId,
  });
  ctx.log.warn({ user_id: userId, session_id: sessionId }, 'refresh token reused');
}
