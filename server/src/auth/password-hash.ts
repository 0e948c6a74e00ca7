import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { AppError } from '../errors.ts';
import { MAX_PASSWORD_BYTES } from './password-schemes/bcrypt.ts';
import { type PasswordCheck, UnusableHashError } from './password-schemes/password-check.ts';
import { readPasswordHash } from './password-schemes/read-password-hash.ts';

/** OWASP's recommendation is at least 10; 12 takes about a quarter of a second of one core. */
const BCRYPT_COST = 12;
const CURRENT_SCHEME = /^\$2b\$(1[2-9]|[23])/;
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
   * Compares a password with a hash of any known scheme, or with a dummy where there is none that
   * can be used; exactly one comparison either way, with the dummy of the cost of our own hashes.
   * @throws server.overloaded when too many wait already
   */
  matches(password: string, hash: string | null): Promise<boolean> {
    const check = hash === null ? null : usableCheck(hash);
    return this.#bounded(async () => {
      if (check) return check.matches(password);
      await bcrypt.compare(password, await this.#dummyHash);
      return false;
    });
  }

  /**
   * Whether a hash that a password has matched should give way to a new one: it is of another scheme
   * or costs less, and the password is none that bcrypt would cut off.
   */
  isOutdated(hash: string, password: string): boolean {
    return !CURRENT_SCHEME.test(hash) && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
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

function usableCheck(hash: string): PasswordCheck | null {
  try {
    return readPasswordHash(hash);
  } catch (error) {
    if (error instanceof UnusableHashError) return null;
    throw error;
  }
}
