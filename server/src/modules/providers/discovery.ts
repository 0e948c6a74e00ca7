import type { Configuration } from 'openid-client';

/** What is known is used meanwhile, however old it is. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** After a failure nobody asks again for so long. */
const FAILURE_PAUSE_MS = 30_000;
/** The first question after a start waits no longer to see whether the provider answers. */
const FIRST_WAIT_MS = 1000;

interface Parts {
  discover(): Promise<Configuration>;
  /** Told when the provider goes away and when it is back; the first answer is no news. */
  onChange(isUp: boolean, error?: unknown): void;
  now(): number;
}

/** What a provider publishes about itself, remembered, and renewed while it is used. */
export class Discovery {
  readonly #parts: Parts;
  #known: Configuration | null = null;
  #pending: Promise<Configuration> | null = null;
  #begunAtMs = 0;
  #triedAtMs: number | null = null;
  #failure: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws whatever kept the provider from telling, at once while that is recent */
  async get(): Promise<Configuration> {
    if (this.#known) {
      this.#renewWhenOld();
      return this.#known;
    }
    if (this.#failure !== null && !this.#isOld()) throw this.#failure;
    return this.#discover();
  }

  /** Whether the provider answered when it was last asked; never waits long for the first time. */
  async isAvailable(): Promise<boolean> {
    if (this.#triedAtMs === null) {
      const pending = this.#discover().catch(() => undefined);
      await soonest(pending, this.#begunAtMs + FIRST_WAIT_MS - this.#parts.now());
    } else {
      this.#renewWhenOld();
    }
    return this.#known !== null && this.#failure === null;
  }

  /** The provider did not answer elsewhere: until it has been asked again it counts as away. */
  noteFailure(error: unknown): void {
    const isKnown = this.#failure !== null && !this.#isOld();
    if (!isKnown) this.#end(error);
  }

  #isOld(): boolean {
    const keepMs = this.#failure === null ? REFRESH_AFTER_MS : FAILURE_PAUSE_MS;
    return this.#triedAtMs === null || this.#parts.now() >= this.#triedAtMs + keepMs;
  }

  #renewWhenOld(): void {
    if (this.#isOld()) this.#discover().catch(() => undefined);
  }

  /** One request for all who ask at once. */
  #discover(): Promise<Configuration> {
    if (this.#pending) return this.#pending;
    this.#begunAtMs = this.#parts.now();
    this.#pending = this.#parts
      .discover()
      .then(
        (configuration) => {
          this.#known = configuration;
          this.#end(null);
          return configuration;
        },
        (error) => {
          this.#end(error);
          throw error;
        },
      )
      .finally(() => {
        this.#pending = null;
      });
    return this.#pending;
  }

  #end(failure: unknown): void {
    const [wasUp, isUp] = [this.#failure === null, failure === null];
    this.#failure = failure;
    this.#triedAtMs = this.#parts.now();
    if (wasUp !== isUp) this.#parts.onChange(isUp, failure);
  }
}

async function soonest(promise: Promise<unknown>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const wait = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(0, waitMs));
  });
  await Promise.race([promise, wait]);
  clearTimeout(timer);
}
