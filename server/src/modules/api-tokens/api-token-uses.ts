import { LRUCache } from 'lru-cache';
import type { Database } from '../../platform/postgres/database.ts';
import { type ApiTokenKey, noteUse } from './api-tokens.repository.ts';

const MAX_REMEMBERED = 20_000;
/** When a token was last used is known to the minute. */
const EVERY_SECONDS = 60;

/** Notes when API tokens are used, seldom enough to cost nothing, and never in anybody's way. */
export class ApiTokenUses {
  readonly #db: Database;
  readonly #onError: (error: unknown) => void;
  readonly #notedAtMs = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  /** @param onError told of a use that could not be noted */
  constructor(db: Database, onError: (error: unknown) => void) {
    this.#db = db;
    this.#onError = onError;
  }

  /** A token was used; to be called when its request is answered. */
  note(key: ApiTokenKey): void {
    const nowMs = performance.now();
    const notedAtMs = this.#notedAtMs.get(key.id) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - notedAtMs < EVERY_SECONDS * 1000) return;
    this.#notedAtMs.set(key.id, nowMs);
    noteUse(this.#db, key, EVERY_SECONDS).catch((error) => {
      this.#notedAtMs.delete(key.id);
      this.#onError(error);
    });
  }
}
