import type { Actor, SessionActor } from '../../auth/actor.ts';
import { hashApiToken, hintOf, newApiToken } from '../../auth/api-token.ts';
import { decodeCursor, type Page, pageOf } from '../../auth/cursor.ts';
import type { Permission } from '../../auth/permissions.ts';
import { isUuid, uuidV7 } from '../../auth/uuid.ts';
import type { Context } from '../../context.ts';
import { AppError, invalidField } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { announceChange, requireOpenSession } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { accessOf } from '../roles/roles.service.ts';
import * as repository from './api-tokens.repository.ts';

const DEFAULT_LIMIT = 50;
const DAY_MS = 86_400_000;
/** Where nothing is said, a token is good for so long. */
const DEFAULT_LIFE_DAYS = 90;
const MAX_LIFE_DAYS = 366;
const MAX_LIVE = 100;
/** Expired tokens stay in sight so long, and revoked ones in the database. */
const KEEP_DAYS = 30;
const PURGE_BATCH = 500;

interface ListInput {
  limit?: number;
  cursor?: string;
}

interface ApiTokenInput {
  name: string;
  scopes: Permission[];
  /** null: never; left out: 90 days from now. */
  expiresAt?: string | null | undefined;
}

/**
 * A page of the actor's tokens that are not revoked, the newest first.
 * @throws request.invalid
 */
export async function listApiTokens(
  ctx: Context,
  actor: SessionActor,
  { limit = DEFAULT_LIMIT, cursor }: ListInput,
): Promise<Page<repository.ApiTokenRow>> {
  const { userId } = actor;
  const scope = JSON.stringify(['api_tokens', userId]);
  const after = cursor === undefined ? [] : decodeCursor(ctx.keys.cursor, scope, cursor);
  const [afterId = null] = after as string[];
  const rows = await repository.listApiTokens(ctx.db, { userId, limit: limit + 1, afterId });
  return pageOf(ctx.keys.cursor, scope, rows, limit, (row) => [row.id]);
}

/**
 * Makes a token for some of what the actor may do at present. The token itself is in the answer and
 * nowhere else.
 * @throws request.invalid, api_token.too_many, session.invalid
 */
export async function createApiToken(
  ctx: Context,
  actor: SessionActor,
  input: ApiTokenInput,
): Promise<{ apiToken: repository.ApiTokenRow; token: string }> {
  const { userId } = actor;
  const scopes = [...new Set(input.scopes)].sort();
  const expiresAt = expiryOf(input.expiresAt);
  const token = newApiToken();
  const id = uuidV7();
  const apiToken = await ctx.db.transaction(async (db) => {
    // One at a time, so that the count holds.
    if (!(await repository.lockOwner(db, userId))) throw new AppError('session.invalid');
    await requireOpenSession(db, actor);
    requireHeld(input.scopes, (await accessOf(db, userId)).permissions);
    if ((await repository.countLiveApiTokens(db, userId)) >= MAX_LIVE) {
      throw new AppError('api_token.too_many');
    }
    const row = await repository.insertApiToken(db, {
      userId,
      id,
      name: input.name,
      tokenHash: hashApiToken(token),
      hint: hintOf(token),
      scopes,
      expiresAt,
    });
    await recordEvent(db, actor, {
      action: 'api_token.created',
      target: { kind: 'api_token', id },
      userId,
      changes: { scopes, expires_at: expiresAt },
      personal: { name: input.name },
    });
    return row;
  });
  return { apiToken, token };
}

/**
 * Revokes one of the actor's tokens, at once on every replica.
 * @throws api_token.not_found
 */
export async function revokeApiToken(ctx: Context, actor: SessionActor, id: string): Promise<void> {
  // A malformed id is answered exactly as an absent one.
  if (!isUuid(id)) throw new AppError('api_token.not_found');
  const { userId } = actor;
  await ctx.db.transaction(async (db) => {
    const revoked = await repository.revokeApiToken(db, { userId, id });
    if (!revoked) throw new AppError('api_token.not_found');
    await announceChange(db, 'api_token', revoked.token_hash.toString('hex'));
    await recordEvent(db, actor, {
      action: 'api_token.revoked',
      target: { kind: 'api_token', id: id.toLowerCase() },
      userId,
      personal: { name: revoked.name },
    });
  });
}

/**
 * Revokes every token of a user, as part of a transaction that raises their `auth_version` as well: that
 * is how every replica hears of it.
 */
export async function revokeApiTokensOf(
  db: Queryable,
  actor: Actor,
  userId: string,
): Promise<void> {
  const count = await repository.revokeApiTokens(db, userId);
  if (count === 0) return;
  await recordEvent(db, actor, {
    action: 'api_token.revoked',
    target: { kind: 'api_token', id: null },
    userId,
    changes: { count },
  });
}

/** Deletes one batch of tokens that are good for nothing for long; answers how many. */
export function purgeApiTokens(ctx: Context): Promise<number> {
  return repository.deleteOldApiTokens(ctx.db, KEEP_DAYS, PURGE_BATCH);
}

function expiryOf(given: string | null | undefined): string | null {
  if (given === null) return null;
  const nowMs = Date.now();
  const expiresAtMs =
    given === undefined ? nowMs + DEFAULT_LIFE_DAYS * DAY_MS : Date.parse(given.toUpperCase());
  if (expiresAtMs > nowMs && expiresAtMs <= nowMs + MAX_LIFE_DAYS * DAY_MS) {
    return new Date(expiresAtMs).toISOString();
  }
  throw invalidField('/expires_at', 'must be in the future, at most a year from now, or null');
}

function requireHeld(scopes: Permission[], held: Permission[]): void {
  const errors = scopes.flatMap((scope, at) =>
    held.includes(scope)
      ? []
      : [{ pointer: `/scopes/${at}`, detail: 'is not among what you may do' }],
  );
  if (errors.length > 0) throw new AppError('request.invalid', { errors });
}
