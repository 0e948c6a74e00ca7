import type { Actor } from '../../auth/actor.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './audit.repository.ts';
import type { AuditAction } from './audit-actions.ts';

/** Something worth remembering: the rest of who, when and from where is known from the actor. */
export interface AuditEvent {
  action: AuditAction;
  target: { kind: 'user' | 'session' | 'api_token' | 'role' | 'job' | 'audit'; id: string | null };
  /** The person whom the event concerns, who will see it; null: nobody in particular. */
  userId: string | null;
  /** Names of changed fields, words of closed lists, numbers: never a secret, never anything personal. */
  changes?: Record<string, unknown>;
  /** What is personal about the person concerned (addresses, names); erased with them. */
  personal?: Record<string, unknown>;
}

/**
 * Writes an event to the audit log as part of the transaction behind `db`; events take their places
 * right before its commit, so that transactions wait for each other as shortly as possible. On the
 * pool itself the event is written at once.
 */
export function recordEvent(db: Queryable, actor: Actor, event: AuditEvent): Promise<void> {
  const origin = 'origin' in actor ? actor.origin : null;
  const actorId = 'userId' in actor ? actor.userId : null;
  return repository.appendEvent(db, {
    actorKind: actor.kind,
    actorId,
    apiTokenId: actor.kind === 'api_token' ? actor.apiTokenId : null,
    action: event.action,
    targetKind: event.target.kind,
    targetId: event.target.id,
    userId: event.userId,
    requestId: origin?.requestId ?? null,
    changes: JSON.stringify(event.changes ?? {}),
    // An attempt on an account that is not one's own leaves traces that belong to the account.
    originOwnerId: actorId ?? event.userId,
    origin: origin && JSON.stringify({ address: origin.address, user_agent: origin.userAgent }),
    subject: event.personal ? JSON.stringify(event.personal) : null,
  });
}

/**
 * Erases up to `limit` rows of what is personal about a person: their addresses, devices and names.
 * The chain stays whole. Answers how many there were.
 */
export function eraseTraces(db: Queryable, userId: string, limit: number): Promise<number> {
  return repository.erasePersonal(db, userId, limit);
}
