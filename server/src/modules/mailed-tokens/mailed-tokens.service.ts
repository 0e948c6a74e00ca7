import { hashOneTimeToken, isOneTimeToken, newOneTimeToken } from '../../auth/one-time-token.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import * as repository from './mailed-tokens.repository.ts';

export type { Purpose } from './mailed-tokens.repository.ts';

const HOUR_SECONDS = 3600;
const LIFE_SECONDS: Record<repository.Purpose, number> = {
  verify: 24 * HOUR_SECONDS,
  reset: HOUR_SECONDS / 2,
  change_email: HOUR_SECONDS,
};
const KEEP_DAYS = 7;
const PURGE_BATCH = 500;

/** A token, to be mailed to the address at once and kept nowhere. */
interface MintedToken {
  token: string;
  canonicalEmail: string;
}

/**
 * Makes a token for the present address of an account (for `change_email`: the one to come). An older
 * one of the same purpose is void from then on. null: the account is deleted or disabled, or there is
 * no such address.
 */
export async function mintToken(
  ctx: Context,
  userId: string,
  purpose: repository.Purpose,
): Promise<MintedToken | null> {
  const token = newOneTimeToken();
  const canonicalEmail = await ctx.db.transaction(async (db) => {
    await repository.lockUser(db, userId);
    return repository.insertToken(db, {
      userId,
      purpose,
      tokenHash: hashOneTimeToken(token),
      lifeSeconds: LIFE_SECONDS[purpose],
    });
  });
  return canonicalEmail === undefined ? null : { token, canonicalEmail };
}

/**
 * Uses a token up and answers whose it is. It is good once, within its life, for its purpose, and
 * while address and `auth_version` of the account are those for which it was made. To be called in
 * the transaction of what it allows.
 * @throws token.expired_or_unknown
 */
export async function consumeToken(
  db: Queryable,
  purpose: repository.Purpose,
  token: string,
): Promise<string> {
  const used = isOneTimeToken(token)
    ? await repository.consumeToken(db, { purpose, tokenHash: hashOneTimeToken(token) })
    : undefined;
  if (!used) throw new AppError('token.expired_or_unknown');
  return used.user_id;
}

/**
 * Refuses a token that could not be used now, before anything costly is done for it.
 * @throws token.expired_or_unknown
 */
export async function requireUsableToken(
  ctx: Work,
  purpose: repository.Purpose,
  token: string,
): Promise<void> {
  const isUsable =
    isOneTimeToken(token) &&
    (await repository.isTokenUsable(ctx.db, { purpose, tokenHash: hashOneTimeToken(token) }));
  if (!isUsable) throw new AppError('token.expired_or_unknown');
}

/** Whether what a verification link is there for has been reached already. */
export async function isAddressProven(ctx: Work, token: string): Promise<boolean> {
  return (
    isOneTimeToken(token) && (await repository.isAddressProven(ctx.db, hashOneTimeToken(token)))
  );
}

/** Makes every unused token of a user useless, as part of the transaction behind `db`. */
export async function voidTokens(db: Queryable, userId: string): Promise<void> {
  await repository.voidTokens(db, userId);
}

/** Deletes one batch of tokens that are over for a week; answers how many. */
export function purgeTokens(ctx: Context): Promise<number> {
  return repository.deleteOldTokens(ctx.db, KEEP_DAYS, PURGE_BATCH);
}
