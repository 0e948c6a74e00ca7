import { Redis as Client } from 'ioredis';

const CONNECT_TIMEOUT_MS = 1000;
/** Redis answers within a millisecond or it is of no use: there is always somebody else to ask. */
const COMMAND_TIMEOUT_MS = 200;
const RECONNECT_AFTER_MS = 500;
/** After a failure Redis is left alone for so long; then one command tries for all. */
const PAUSE_MS = 1000;
/** A connection on which commands failed so many times, each after a pause, is given up. */
const MAX_FAILURES = 3;

interface RedisOptions {
  /** `redis://` or, with TLS, `rediss://`. */
  url: string;
  /** Told when Redis goes away (with the reason) and when it is back. */
  onChange: (isUp: boolean, reason: string) => void;
}

/** A script that Redis runs in one go; the number of its arguments that are keys comes first. */
export interface RedisScript {
  readonly name: string;
  readonly keyCount: number;
  readonly lua: string;
}

type Argument = string | number;

/** Redis could not be asked, or did not answer in time; whether a command took effect is not known. */
export class RedisUnavailable extends Error {
  constructor(reason: string) {
    super(`Redis is unavailable: ${reason}`);
    this.name = 'RedisUnavailable';
  }
}

/**
 * A connection to Redis that fails fast, comes back by itself, and is never needed: nothing waits
 * for it, and whoever uses it knows what to do without.
 */
export class RedisConnection {
  readonly #client: Client;
  readonly #onChange: RedisOptions['onChange'];
  readonly #scripts = new Set<string>();
  /** null: not known yet. */
  #isUp: boolean | null = null;
  /** How often commands failed since the last that did not; those that failed together count once. */
  #failures = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #isGivenUp = false;
  #isClosed = false;

  constructor({ url, onChange }: RedisOptions) {
    this.#onChange = onChange;
    this.#client = new Client(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => RECONNECT_AFTER_MS,
      connectionName: 'docket',
    });
    this.#client.on('ready', () => this.#say(true, ''));
    this.#client.on('error', (error: Error) => this.#say(false, error.message));
    this.#client.on('close', () => {
      this.#isGivenUp = false;
      this.#say(false, 'the connection was closed');
    });
  }

  /** Connects, or tries to and goes on trying. */
  async start(): Promise<void> {
    await this.#client.connect().catch((error: Error) => this.#say(false, error.message));
  }

  /** Whether it makes sense to ask now. */
  isUsable(): boolean {
    if (this.#client.status !== 'ready' || this.#isGivenUp) return false;
    return this.#failures === 0 || performance.now() >= this.#pausedUntilMs;
  }

  /** Runs a script. @throws RedisUnavailable */
  run(script: RedisScript, ...args: Argument[]): Promise<unknown> {
    if (!this.#scripts.has(script.name)) {
      this.#client.defineCommand(script.name, { lua: script.lua, numberOfKeys: script.keyCount });
      this.#scripts.add(script.name);
    }
    const commands = this.#client as unknown as Record<
      string,
      (...args: Argument[]) => Promise<unknown>
    >;
    return this.#attempt(() => (commands[script.name] as (typeof commands)[string])(...args));
  }

  /** Asks for a sign of life; answers the milliseconds it took. @throws RedisUnavailable */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.#attempt(() => this.#client.ping());
    return performance.now() - startedAt;
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    const failuresBefore = this.#failures;
    // While it is not known whether Redis is back, nobody else waits for the answer.
    if (this.#failures > 0) this.#pausedUntilMs = performance.now() + PAUSE_MS;
    try {
      const answer = await work();
      this.#failures = 0;
      return answer;
    } catch (error) {
      this.#pausedUntilMs = performance.now() + PAUSE_MS;
      if (this.#failures === failuresBefore) this.#failures += 1;
      if (this.#failures >= MAX_FAILURES) this.#giveUp();
      // The client's own errors carry the command with its arguments, which are nobody's business.
      throw new RedisUnavailable((error as Error).message);
    }
  }

  /** Connects anew. */
  #giveUp(): void {
    if (this.#isGivenUp || this.#isClosed || this.#client.status !== 'ready') return;
    this.#isGivenUp = true;
    this.#client.disconnect(true);
  }

  #say(isUp: boolean, reason: string): void {
    if (isUp) this.#failures = 0;
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    this.#onChange(isUp, reason);
  }
}
