import type { Actor, SessionActor, UserActor } from '../../auth/actor.ts';
import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import { isUuid } from '../../auth/uuid.ts';
import type { Context } from '../../context.ts';
import { invalidField } from '../../errors.ts';
import { recordEvent } from './audit.service.ts';
import type { AuditAction } from './audit-actions.ts';
import * as repository from './audit-list.repository.ts';
import { type Verdict, verifyAuditLog } from './verify-audit-log.ts';

export type { ActivityRow, AuditRow } from './audit-list.repository.ts';

const DEFAULT_LIMIT = 50;
/** Actors who are nobody in particular, by whose kind one may ask. */
const NAMELESS: readonly Actor['kind'][] = ['anonymous', 'operator', 'system'];

interface ActivityInput {
  limit?: number;
  cursor?: string;
}

interface ListInput extends ActivityInput {
  actor?: string;
  action?: AuditAction;
  target?: string;
  from?: string;
  to?: string;
}

/**
 * A page of what concerns the actor, the newest first: their own acts, administrators' access to
 * their account, attempts on it.
 * @throws request.invalid
 */
export async function listActivity(
  ctx: Context,
  actor: SessionActor,
  { limit = DEFAULT_LIMIT, cursor }: ActivityInput,
): Promise<Page<repository.ActivityRow>> {
  const { userId } = actor;
  const scope = JSON.stringify(['activity', userId]);
  const before = positionIn(ctx, scope, cursor) ?? Number.MAX_SAFE_INTEGER;
  const rows = await repository.listActivity(ctx.db, { userId, before, limit: limit + 1 });
  return pageOf(ctx.keys.cursor, scope, rows, limit, ({ position }) => [position]);
}

/**
 * A page of the whole audit log, the newest first. Reading it is itself an event; a person whom it
 * was filtered for will see that.
 * @throws request.invalid
 */
export async function listEvents(
  ctx: Context,
  actor: UserActor,
  input: ListInput,
): Promise<Page<repository.AuditRow>> {
  const { limit = DEFAULT_LIMIT, cursor, ...filters } = input;
  const filter = filterOf(filters);
  const scope = JSON.stringify(['audit', actor.userId, filter]);
  const before = positionIn(ctx, scope, cursor);
  const place = before !== undefined && { before };
  const rows = await repository.listEvents(ctx.db, { ...filter, ...place }, limit + 1);
  // Before anything is shown, so that nobody looks unseen.
  await recordEvent(ctx.db, actor, {
    action: 'audit.viewed',
    target: { kind: 'audit', id: null },
    userId: (filter.isTargetUuid ? filter.target : filter.actorId) ?? null,
    changes: { filters: Object.keys(filters).sort() },
  });
  return pageOf(ctx.keys.cursor, scope, rows, limit, ({ position }) => [position]);
}

/** Verifications under way: whoever asks meanwhile gets the same answer. */
const underWay = new WeakMap<Context['db'], Promise<Verdict>>();

/** Verifies the whole audit log, once at a time in this process. @throws database.unavailable */
export async function verifyForAdministrator(ctx: Context, actor: UserActor): Promise<Verdict> {
  const running = underWay.get(ctx.db) ?? verifyAuditLog(ctx);
  underWay.set(ctx.db, running);
  const verdict = await running.finally(() => underWay.delete(ctx.db));
  await recordEvent(ctx.db, actor, {
    action: 'audit.verified',
    target: { kind: 'audit', id: null },
    userId: null,
    changes: { status: verdict.fault ? 'broken' : 'intact', checked: verdict.checked },
  });
  return verdict;
}

function filterOf({ actor, target, ...rest }: Omit<ListInput, 'limit' | 'cursor'>) {
  const filter: repository.AuditFilter = { ...rest };
  if (actor !== undefined) {
    if (isUuid(actor)) filter.actorId = actor.toLowerCase();
    else if ((NAMELESS as readonly string[]).includes(actor)) filter.actorKind = actor;
    else {
      const detail = `must be the id of a user, or one of ${NAMELESS.join(', ')}`;
      throw invalidField('/actor', detail);
    }
  }
  if (target !== undefined) {
    filter.isTargetUuid = isUuid(target);
    filter.target = filter.isTargetUuid ? target.toLowerCase() : target;
  }
  return filter;
}

function positionIn(ctx: Context, scope: string, cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  return decodeCursor(ctx.keys.cursor, scope, cursor)[0] as number;
}
