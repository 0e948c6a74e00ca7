import type { ForeignClaims } from '../../auth/foreign-token.ts';
import { isAdministrative, type Permission } from '../../auth/permissions.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { RevocableCache } from '../../platform/cache/revocable-cache.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { findByIdentity } from './foreign-users.repository.ts';
import { identityOf } from './identity.ts';

/** Somebody whom another front end vouches for, and what they may do here. */
export interface LiveForeignUser {
  userId: string;
  permissions: ReadonlySet<Permission>;
}

interface Hearing {
  isHearing(): boolean;
}

/** Thrown through the cache, which remembers no absence. */
class Unknown extends Error {}

/**
 * Answers, for every request with a token of another front end, which account is behind it and what
 * it may do. Remembered, like sessions, while this process provably hears of every change; while it
 * does not, the database is asked each time, and if that fails the request fails.
 */
export class ForeignUserStates {
  readonly #db: Database;
  readonly #cache: RevocableCache<LiveForeignUser>;

  constructor(db: Database, hearing: Hearing, { metrics }: Pick<Context, 'metrics'>) {
    this.#db = db;
    this.#cache = new RevocableCache<LiveForeignUser>({
      name: 'foreign_user',
      ownerName: 'user',
      ownerOf: (user) => user.userId,
      hearing,
      // What says who somebody is comes from the database alone: whoever can write to Redis gains nothing.
      redis: null,
      parse: () => undefined,
      requests: metrics.cacheRequests,
    });
  }

  /**
   * The account behind checked claims; null where there is none yet. At once where it is known.
   * @param isCertain the database is asked, whatever is remembered
   * @throws session.invalid, database.unavailable
   */
  find(
    claims: ForeignClaims,
    isCertain = false,
  ): LiveForeignUser | Promise<LiveForeignUser | null> {
    const read = () => this.#read(claims);
    if (isCertain) return read().catch(orNull);
    const { issuer, subject } = identityOf(claims);
    const key = JSON.stringify([issuer, subject]);
    const known = this.#cache.get(key);
    return known ?? this.#cache.find({ key, read, isGood: () => true }).catch(orNull);
  }

  /** A message of the account changes channel: `user:<id>` or `all:`. */
  hear(message: string): void {
    this.#cache.hear(message);
  }

  /** Forgets everything. */
  clear(): void {
    this.#cache.forgetAll();
  }

  async #read(claims: ForeignClaims): Promise<LiveForeignUser> {
    const state = await findByIdentity(this.#db, identityOf(claims));
    if (!state) throw new Unknown();
    if (!state.is_active) throw new AppError('session.invalid');
    return {
      userId: state.user_id,
      // Nobody administers by somebody else's word.
      permissions: new Set(state.permissions.filter((it) => !isAdministrative(it))),
    };
  }
}

function orNull(error: unknown): null {
  if (error instanceof Unknown) return null;
  throw error;
}
