import type { SessionActor } from '../../auth/actor.ts';
import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import { isUuid } from '../../auth/uuid.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { raiseAuthVersion } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import * as repository from './session-list.repository.ts';

const DEFAULT_LIMIT = 50;

interface ListInput {
  limit?: number;
  cursor?: string;
}

/**
 * A page of the actor's live sessions, the one used last first.
 * @throws request.invalid
 */
export async function listSessions(
  ctx: Context,
  actor: SessionActor,
  { limit = DEFAULT_LIMIT, cursor }: ListInput,
): Promise<Page<repository.ListedSession>> {
  const scope = JSON.stringify(['sessions', actor.userId]);
  const after = cursor === undefined ? [] : decodeCursor(ctx.keys.cursor, scope, cursor);
  const [afterUsedAt = null, afterId = null] = after as string[];
  const { userId } = actor;
  const query = { userId, limit: limit + 1, afterUsedAt, afterId };
  const rows = await repository.listSessions(ctx.db, query);
  return pageOf(ctx.keys.cursor, scope, rows, limit, (row) => [row.last_used_at, row.id]);
}

/**
 * Ends one of the actor's sessions, also the present one.
 * @throws session.not_found
 */
export async function revokeSession(ctx: Context, actor: SessionActor, id: string): Promise<void> {
  // A malformed id is answered exactly as an absent one.
  if (!isUuid(id)) throw new AppError('session.not_found');
  const { userId } = actor;
  await ctx.db.transaction(async (db) => {
    const wasLive = await repository.revokeSession(db, { userId, sessionId: id });
    if (!wasLive) throw new AppError('session.not_found');
    await recordEvent(db, actor, {
      action: 'session.ended',
      target: { kind: 'session', id: id.toLowerCase() },
      userId,
      changes: { reason: 'revoked' },
    });
  });
}

/**
 * Ends all of the actor's sessions but the present one, or that one too; then every access token
 * becomes stale as well.
 */
export async function revokeSessions(
  ctx: Context,
  actor: SessionActor,
  isCurrentIncluded: boolean,
): Promise<void> {
  const { userId, sessionId } = actor;
  await ctx.db.transaction(async (db) => {
    const exceptId = isCurrentIncluded ? null : sessionId;
    const count = await repository.revokeSessions(db, userId, exceptId);
    if (isCurrentIncluded) await raiseAuthVersion(db, userId);
    if (count === 0) return;
    await recordEvent(db, actor, {
      action: 'session.ended',
      target: { kind: 'session', id: null },
      userId,
      changes: { reason: 'revoked', count },
    });
  });
}
