import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isApiToken } from '../../auth/api-token.ts';
import type { Permission } from '../../auth/permissions.ts';
import { AppError } from '../../errors.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { findApiTokenState } from './api-tokens.repository.ts';

const MAX_CACHED = 20_000;
/** Bounds what a lost message could cost, should every other precaution fail. */
const MAX_AGE_MS = 30_000;

/** A token that is good, and what for. */
export interface LiveApiToken {
  id: string;
  userId: string;
  /** Its scopes, as far as the owner holds them at present. */
  permissions: ReadonlySet<Permission>;
}

interface KnownToken extends LiveApiToken {
  askedAtMs: number;
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
  readonly #hearing: Hearing;
  readonly #known = new LRUCache<string, KnownToken>({ max: MAX_CACHED });
  /** Counts changes heard, so that an answer read before a change is not remembered after it. */
  #generation = 0;

  constructor(db: Database, hearing: Hearing) {
    this.#db = db;
    this.#hearing = hearing;
  }

  /**
   * The token behind a text; at once where it is known.
   * @param isCertain the database is asked, whatever is remembered
   * @throws token.invalid, token.expired, session.invalid, database.unavailable
   */
  find(token: string, isCertain = false): LiveApiToken | Promise<LiveApiToken> {
    // What no server can have made is not looked for.
    if (!isApiToken(token)) throw new AppError('token.invalid');
    const digest = hash('sha256', token, 'base64');
    const known = !isCertain && this.#hearing.isHearing() ? this.#known.get(digest) : undefined;
    if (known === undefined || performance.now() - known.askedAtMs >= MAX_AGE_MS) {
      return this.#ask(digest);
    }
    if (known.expiresAtMs <= Date.now()) throw new AppError('token.expired');
    return known;
  }

  /** A message of the account changes channel: `api_token:<id>`, `user:<id>` or `all:`. */
  hear(message: string): void {
    const [kind, id = ''] = message.split(':');
    if (kind === 'api_token') this.#forget((token) => token.id === id);
    else if (kind === 'user') this.#forget((token) => token.userId === id);
    else if (kind === 'all') this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#generation += 1;
    this.#known.clear();
  }

  #forget(isVoid: (token: KnownToken) => boolean): void {
    this.#generation += 1;
    for (const [digest, token] of this.#known.entries()) {
      if (isVoid(token)) this.#known.delete(digest);
    }
  }

  async #ask(digest: string): Promise<LiveApiToken> {
    const generation = this.#generation;
    const askedAtMs = performance.now();
    const state = await findApiTokenState(this.#db, Buffer.from(digest, 'base64'));
    if (!state || state.is_revoked) throw new AppError('token.invalid');
    if (state.is_expired) throw new AppError('token.expired');
    if (!state.is_owner_active) throw new AppError('session.invalid');
    const known = {
      id: state.id,
      userId: state.user_id,
      permissions: new Set(state.permissions),
      expiresAtMs: state.expires_at_ms ?? Number.POSITIVE_INFINITY,
      askedAtMs,
    };
    if (generation === this.#generation) this.#known.set(digest, known);
    return known;
  }
}
