const CHECK_EVERY_MS = 1000;

type Release = (destroy: boolean) => void;

/** One statement on its way. */
interface Watched {
  readonly startedAtMs: number;
  readonly release: Release;
}

/**
 * Gives up connections that leave a statement without any answer. One look a second instead of a
 * timer for each statement: such a timer holds the statement's result until the next full garbage
 * collection, which halves the throughput of lists.
 */
export class StatementWatch {
  readonly #limitMs: number;
  readonly #running = new Set<Watched>();
  readonly #timer: NodeJS.Timeout | null;

  /** @param limitMs how long to wait for an answer; 0: for ever */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#timer = limitMs === 0 ? null : setInterval(() => this.#giveUp(), CHECK_EVERY_MS).unref();
  }

  /** `release` gives the connection back; with true it ends it, and with it the statement. */
  begin(release: Release): Watched {
    const watched = { startedAtMs: performance.now(), release };
    this.#running.add(watched);
    return watched;
  }

  /** The statement is over; false where its connection was given up already. */
  end(watched: Watched): boolean {
    return this.#running.delete(watched);
  }

  /** Watches one statement of several on the same connection. */
  async during<T>(release: Release, statement: () => Promise<T>): Promise<T> {
    const watched = this.begin(release);
    try {
      return await statement();
    } finally {
      this.end(watched);
    }
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  #giveUp(): void {
    const latest = performance.now() - this.#limitMs;
    for (const watched of this.#running) {
      if (watched.startedAtMs > latest) return; // in order of their beginning
      this.#running.delete(watched);
      watched.release(true);
    }
  }
}
