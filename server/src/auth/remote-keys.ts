import { createRemoteJWKSet, errors, type FlattenedJWSInput, type JWTHeaderParameters } from 'jose';
import { AppError } from '../errors.ts';

const TIMEOUT_MS = 5000;
/** An unknown key is asked for at most so often; a rotated one is found after that. */
const COOLDOWN_MS = 10_000;
const MAX_AGE_MS = 10 * 60_000;
/** After a failure nobody asks again for so long. */
const FAILURE_PAUSE_MS = 2000;

/** Public keys that another server publishes, remembered for ten minutes. Redirects are not followed. */
export class RemoteKeys {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(url: string) {
    this.#keys = createRemoteJWKSet(new URL(url), {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: MAX_AGE_MS,
    });
  }

  /**
   * The key that a token names.
   * @throws JOSEError where there is none; foreign_keys.unavailable
   */
  readonly find = async (header: JWTHeaderParameters, token: FlattenedJWSInput) => {
    const isPaused = performance.now() < this.#failedAtMs + FAILURE_PAUSE_MS;
    if (isPaused && !this.#keys.fresh) throw unavailable();
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (isAboutToken(error)) throw error;
      this.#failedAtMs = performance.now();
      throw unavailable(error);
    }
  };
}

/** Everything else means that the keys could not be had, or were none. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function unavailable(cause?: unknown): AppError {
  return new AppError('foreign_keys.unavailable', {
    retryAfterSeconds: FAILURE_PAUSE_MS / 1000,
    cause,
  });
}
