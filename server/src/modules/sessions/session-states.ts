import { LRUCache } from 'lru-cache';
import type { AccessClaims } from '../../auth/access-token.ts';
import { AppError } from '../../errors.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { ACCOUNT_CHANGES_CHANNEL } from '../account-changes/account-changes.service.ts';
import type { SessionState } from './sessions.repository.ts';
import { findSessionState } from './sessions.repository.ts';

const MAX_CACHED = 50_000;
/** Bounds what a lost message could cost, should every other precaution fail; also notices expiry. */
const MAX_AGE_MS = 30_000;
const ENDED: SessionState = { auth_version: 0, is_live: false };

interface KnownState extends SessionState {
  userId: string;
  askedAtMs: number;
}

interface Hearing {
  isHearing(): boolean;
}

/**
 * Answers, for every request with an access token, whether its session and account still stand.
 * States are remembered while this process provably hears of every change; while it does not, the
 * database is asked each time, and if that fails the request fails.
 */
export class SessionStates {
  /** Where the database tells of changes that `hear` wants to know. */
  static readonly channel = ACCOUNT_CHANGES_CHANNEL;

  readonly #db: Database;
  readonly #states = new LRUCache<string, KnownState>({ max: MAX_CACHED });
  readonly #hearing: Hearing;
  /** Counts changes heard, so that an answer read before a change is not remembered after it. */
  #generation = 0;

  constructor(db: Database, hearing: Hearing) {
    this.#db = db;
    this.#hearing = hearing;
  }

  /**
   * Checks the session and account behind a verified token; at once where the state is known.
   * @param isCertain the database is asked, whatever is remembered
   * @throws session.invalid, token.stale, database.unavailable
   */
  check(claims: AccessClaims, isCertain = false): void | Promise<void> {
    if (isCertain) return this.#ask(claims);
    const known = this.#hearing.isHearing() ? this.#states.get(claims.sessionId) : undefined;
    // A token newer than what is remembered means that the news is still on its way.
    const isUsable =
      known !== undefined &&
      known.auth_version >= claims.authVersion &&
      performance.now() - known.askedAtMs < MAX_AGE_MS;
    return isUsable ? judge(known, claims) : this.#ask(claims);
  }

  /** A message of the account changes channel: `session:<id>` or `user:<id>`. */
  hear(message: string): void {
    this.#generation += 1;
    const [kind, id = ''] = message.split(':');
    if (kind === 'session') this.#states.delete(id);
    else this.#forgetUser(id);
  }

  /** Forgets everything. */
  clear(): void {
    this.#generation += 1;
    this.#states.clear();
  }

  #forgetUser(userId: string): void {
    for (const [sessionId, state] of this.#states.entries()) {
      if (state.userId === userId) this.#states.delete(sessionId);
    }
  }

  async #ask(claims: AccessClaims): Promise<void> {
    const generation = this.#generation;
    const { userId, sessionId } = claims;
    const askedAtMs = performance.now();
    const state = (await findSessionState(this.#db, { userId, sessionId })) ?? ENDED;
    if (generation === this.#generation)
      this.#states.set(sessionId, { ...state, userId, askedAtMs });
    judge(state, claims);
  }
}

function judge(state: SessionState, claims: AccessClaims): void {
  if (!state.is_live) throw new AppError('session.invalid');
  if (state.auth_version !== claims.authVersion) throw new AppError('token.stale');
}
