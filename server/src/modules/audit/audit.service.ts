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

/** Events of one statement: it takes a small part of the time that statements have. */
const BATCH = 1_000;

/**
 * Writes an event to the audit log as part of the transaction behind `db`; events take their places
 * right before its commit, so that transactions wait for each other as shortly as possible. On the
 * pool itself the event is written at once.
 */
export function recordEvent(db: Queryable, actor: Actor, event: AuditEvent): Promise<void> {
  const { actorId, ...common } = commonOf(actor, event);
  return repository.appendEvent(db, {
    ...common,
    actorId,
    targetKind: event.target.kind,
    targetId: event.target.id,
    userId: event.userId,
    // An attempt on an account that is not one's own leaves traces that belong to the account.
    originOwnerId: actorId ?? event.userId,
    subject: event.personal ? JSON.stringify(event.personal) : null,
  });
}

/** Writes the same event about each of many users, who are all different, in few statements. */
export async function recordEventForEach(
  db: Queryable,
  actor: Actor,
  userIds: string[],
  event: Pick<AuditEvent, 'action' | 'changes'>,
): Promise<void> {
  const common = { ...commonOf(actor, event), targetKind: 'user' };
  for (let start = 0; start < userIds.length; start += BATCH) {
    const batch = userIds.slice(start, start + BATCH);
    await repository.appendEventForEach(db, { ...common, userIds: batch });
  }
}

/**
 * Erases up to `limit` rows of what is personal about a person: their addresses, devices and names.
 * The chain stays whole. Answers how many there were.
 */
export function eraseTraces(db: Queryable, userId: string, limit: number): Promise<number> {
  return repository.erasePersonal(db, userId, limit);
}

function commonOf(actor: Actor, { action, changes = {} }: Pick<AuditEvent, 'action' | 'changes'>) {
  const origin = 'origin' in actor ? actor.origin : null;
  return {
    actorKind: actor.kind,
    actorId: 'userId' in actor ? actor.userId : null,
    apiTokenId: actor.kind === 'api_token' ? actor.apiTokenId : null,
    action,
    requestId: origin?.requestId ?? null,
    changes: JSON.stringify(changes),
    origin: origin && JSON.stringify({ address: origin.address, user_agent: origin.userAgent }),
  };
}
