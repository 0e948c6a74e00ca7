import type { AccessClaims } from '../../auth/access-token.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { RevocableCache } from '../../platform/cache/revocable-cache.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { ACCOUNT_CHANGES_CHANNEL } from '../account-changes/account-changes.service.ts';
import type { SessionState } from './sessions.repository.ts';
import { findSessionState } from './sessions.repository.ts';

const ENDED: SessionState = { auth_version: 0, is_live: false };

interface KnownState extends SessionState {
  user_id: string;
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
  readonly #cache: RevocableCache<KnownState>;

  constructor(
    db: Database,
    hearing: Hearing,
    { redis, metrics }: Pick<Context, 'redis' | 'metrics'>,
  ) {
    this.#db = db;
    this.#cache = new RevocableCache({
      name: 'session',
      ownerName: 'user',
      ownerOf: (state) => state.user_id,
      hearing,
      redis,
      requests: metrics.cacheRequests,
      parse: parseState,
    });
  }

  /**
   * Checks the session and account behind a verified token; at once where the state is known.
   * @param isCertain the database is asked, whatever is remembered
   * @throws session.invalid, token.stale, database.unavailable
   */
  check(claims: AccessClaims, isCertain = false): void | Promise<void> {
    if (isCertain) return this.#read(claims).then((state) => judge(state, claims));
    const known = this.#cache.get(claims.sessionId);
    return known && isUsable(known, claims) ? judge(known, claims) : this.#find(claims);
  }

  /** A message of the account changes channel: `session:<id>`, `user:<id>` or `all`. */
  hear(message: string): void {
    this.#cache.hear(message);
  }

  /** Forgets everything. */
  clear(): void {
    this.#cache.forgetAll();
  }

  async #find(claims: AccessClaims): Promise<void> {
    const state = await this.#cache.find({
      key: claims.sessionId,
      read: () => this.#read(claims),
      isGood: (found) => isUsable(found, claims),
    });
    judge(state, claims);
  }

  async #read({ userId, sessionId }: AccessClaims): Promise<KnownState> {
    const state = (await findSessionState(this.#db, { userId, sessionId })) ?? ENDED;
    return { user_id: userId, auth_version: state.auth_version, is_live: state.is_live };
  }
}

/** A token newer than what is remembered means that the news is still on its way. */
function isUsable(known: KnownState, claims: AccessClaims): boolean {
  return known.auth_version >= claims.authVersion && known.user_id === claims.userId;
}

function judge(state: SessionState, claims: AccessClaims): void {
  if (!state.is_live) throw new AppError('session.invalid');
  if (state.auth_version !== claims.authVersion) throw new AppError('token.stale');
}

function parseState(json: unknown): KnownState | undefined {
  const { user_id, auth_version, is_live } = (json ?? {}) as Partial<KnownState>;
  const isState =
    typeof user_id === 'string' && Number.isInteger(auth_version) && typeof is_live === 'boolean';
  return isState ? { user_id, auth_version: Number(auth_version), is_live } : undefined;
}
