const MAX_KEPT = 10_000;

/** What was heard on a channel of changes lately, and since when it is known. */
export class RecentChanges {
  readonly #heardAtMs = new Map<string, number>();
  readonly #maxKept: number;
  /** What was heard before is not known (any more). */
  #knownSinceMs = Number.POSITIVE_INFINITY;

  constructor(maxKept = MAX_KEPT) {
    this.#maxKept = maxKept;
  }

  /** Something may have been missed, or everything has changed: only from now on is anything known. */
  restart(): void {
    this.#heardAtMs.clear();
    this.#knownSinceMs = performance.now();
  }

  note(message: string): void {
    // Set anew, so that the first in the map is the one heard longest ago.
    this.#heardAtMs.delete(message);
    this.#heardAtMs.set(message, performance.now());
    if (this.#heardAtMs.size <= this.#maxKept) return;
    const [oldest] = this.#heardAtMs;
    if (!oldest) return;
    this.#heardAtMs.delete(oldest[0]);
    this.#knownSinceMs = Math.max(this.#knownSinceMs, oldest[1]);
  }

  /** Whether certainly none of the messages came since then. */
  isSilentSince(sinceMs: number, messages: readonly string[]): boolean {
    if (this.#knownSinceMs >= sinceMs) return false;
    return messages.every((message) => (this.#heardAtMs.get(message) ?? 0) < sinceMs);
  }
}
