import { hashApiToken, isApiToken } from '../../auth/api-token.ts';
import type { Permission } from '../../auth/permissions.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { RevocableCache } from '../../platform/cache/revocable-cache.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { findApiTokenState } from './api-tokens.repository.ts';

/** A token that is good, and what for. */
export interface LiveApiToken {
  id: string;
  userId: string;
  /** Its scopes, as far as the owner holds them at present. */
  permissions: ReadonlySet<Permission>;
}

interface KnownToken extends LiveApiToken {
  expiresAtMs: number;
}

interface Hearing {
  isHearing(): boolean;
}

/**
 * Answers, for every request with an API token, whose it is and what it is good for. Good tokens are
 * remembered, by their hash, while this process provably hears of every change; while it does not,
 * the database is asked each time, and if that fails the request fails.
 */
export class ApiTokenStates {
  readonly #db: Database;
  readonly #cache: RevocableCache<KnownToken>;

  constructor(db: Database, hearing: Hearing, { metrics }: Pick<Context, 'metrics'>) {
    this.#db = db;
    this.#cache = new RevocableCache<KnownToken>({
      name: 'api_token',
      ownerName: 'user',
      ownerOf: (token) => token.userId,
      hearing,
      // What says who somebody is comes from the database alone: whoever can write to Redis gains nothing.
      redis: null,
      parse: () => undefined,
      requests: metrics.cacheRequests,
    });
  }

  /**
   * The token behind a text; at once where it is known.
   * @param isCertain the database is asked, whatever is remembered
   * @throws token.invalid, token.expired, session.invalid, database.unavailable
   */
  find(token: string, isCertain = false): LiveApiToken | Promise<LiveApiToken> {
    // What no server can have made is not looked for.
    if (!isApiToken(token)) throw new AppError('token.invalid');
    const tokenHash = hashApiToken(token);
    if (isCertain) return this.#read(tokenHash);
    const key = tokenHash.toString('hex');
    const known = this.#cache.get(key);
    if (known && known.expiresAtMs <= Date.now()) throw new AppError('token.expired');
    return (
      known ?? this.#cache.find({ key, read: () => this.#read(tokenHash), isGood: () => true })
    );
  }

  /** A message of the account changes channel: `api_token:<hash>`, `user:<id>` or `all:`. */
  hear(message: string): void {
    this.#cache.hear(message);
  }

  /** Forgets everything. */
  clear(): void {
    this.#cache.forgetAll();
  }

  async #read(tokenHash: Buffer): Promise<KnownToken> {
    const state = await findApiTokenState(this.#db, tokenHash);
    if (!state || state.is_revoked) throw new AppError('token.invalid');
    if (state.is_expired) throw new AppError('token.expired');
    if (!state.is_owner_active) throw new AppError('session.invalid');
    return {
      id: state.id,
      userId: state.user_id,
      permissions: new Set(state.permissions),
      expiresAtMs: state.expires_at_ms ?? Number.POSITIVE_INFINITY,
    };
  }
}
