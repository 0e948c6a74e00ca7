import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { AppError } from '../errors.ts';

/** OWASP's recommendation is at least 10; 12 takes about a quarter of a second of one core. */
const BCRYPT_COST = 12;
/** bcrypt reads no further: two longer passwords with the same beginning would be one. */
export const MAX_PASSWORD_BYTES = 72;
const MAX_QUEUED = 64;
const RETRY_AFTER_SECONDS = 2;

/**
 * Hashes and compares passwords, a bounded number at once (one a core), in the threads of libuv.
 * Callers must hold no database connection meanwhile.
 */
export class PasswordHasher {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Compared against when there is nothing to compare with, so that both take the same time. */
  readonly #dummyHash: Promise<string>;

  constructor(limit: number = availableParallelism()) {
    this.#limit = limit;
    this.#dummyHash = bcrypt.hash(randomBytes(32).toString('base64'), BCRYPT_COST);
  }

  /**
   * Hashes a new password.
   * @throws server.overloaded when too many wait already
   */
  hash(password: string): Promise<string> {
    return this.#bounded(() => bcrypt.hash(password, BCRYPT_COST));
  }

  /**
   * Compares a password with a hash, or with a dummy where there is none; exactly one comparison
   * of the same cost either way. Over-long passwords never match.
   * @throws server.overloaded when too many wait already
   */
  matches(password: string, hash: string | null): Promise<boolean> {
    const isOverLong = Buffer.byteLength(password) > MAX_PASSWORD_BYTES;
    return this.#bounded(async () => {
      const isEqual = await bcrypt.compare(password, hash ?? (await this.#dummyHash));
      return isEqual && hash !== null && !isOverLong;
    });
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // A waiting one takes over the place, so the count stays.
      if (next) next();
      else this.#running -= 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= MAX_QUEUED) {
      throw new AppError('server.overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
