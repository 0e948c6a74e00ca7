const CHECK_EVERY_MS = 1000;

type Release = (destroy: boolean) => void;

/** A connection, and the statement that it is busy with. */
interface Slot {
  startedAtMs: number;
  /** null: no statement is on its way. */
  release: Release | null;
}

/**
 * Gives up connections that leave a statement without any answer. One look a second instead of a
 * timer for each statement: such a timer holds the statement's result until the next full garbage
 * collection, which halves the throughput of lists. For the same reason there is one lasting slot
 * for each connection instead of an object for each statement.
 */
export class StatementWatch {
  readonly #limitMs: number;
  readonly #slots = new Map<object, Slot>();
  readonly #timer: NodeJS.Timeout | null;

  /** @param limitMs how long to wait for an answer; 0: for ever */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#timer = limitMs === 0 ? null : setInterval(() => this.#giveUp(), CHECK_EVERY_MS).unref();
  }

  /** `release` gives the connection back; with true it ends it, and with it the statement. */
  begin(connection: object, release: Release): void {
    let slot = this.#slots.get(connection);
    if (!slot) {
      slot = { startedAtMs: 0, release: null };
      this.#slots.set(connection, slot);
    }
    slot.startedAtMs = performance.now();
    slot.release = release;
  }

  /** The statement is over; false where its connection was given up already. */
  end(connection: object): boolean {
    const slot = this.#slots.get(connection);
    if (!slot?.release) return false;
    slot.release = null;
    return true;
  }

  /** Watches one statement of several on the same connection. */
  async during<T>(connection: object, release: Release, statement: () => Promise<T>): Promise<T> {
    this.begin(connection, release);
    try {
      return await statement();
    } finally {
      this.end(connection);
    }
  }

  /** The connection is closed. */
  forget(connection: object): void {
    this.#slots.delete(connection);
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  #giveUp(): void {
    const latest = performance.now() - this.#limitMs;
    for (const slot of this.#slots.values()) {
      const { release } = slot;
      if (!release || slot.startedAtMs > latest) continue;
      slot.release = null;
      release(true);
    }
  }
}
