import { LRUCache } from 'lru-cache';

/** Values by key, each of an owner, of which the ones asked for least lately make room for others. */
export class OwnedEntries<T extends { owner: string }> {
  readonly #entries: LRUCache<string, T>;
  readonly #keysOf = new Map<string, Set<string>>();

  constructor(max: number) {
    this.#entries = new LRUCache<string, T>({
      max,
      // Also told of what is replaced, before the new one is noted below.
      dispose: ({ owner }, key) => this.#forgetKey(owner, key),
    });
  }

  /** How many owners have entries. */
  get ownerCount(): number {
    return this.#keysOf.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: T): void {
    this.#entries.set(key, entry);
    const keys = this.#keysOf.get(entry.owner);
    if (keys) keys.add(key);
    else this.#keysOf.set(entry.owner, new Set([key]));
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Takes as long as the owner has entries, however many others there are. */
  deleteOwner(owner: string): void {
    for (const key of this.#keysOf.get(owner) ?? []) this.#entries.delete(key);
  }

  clear(): void {
    this.#keysOf.clear();
    this.#entries.clear();
  }

  #forgetKey(owner: string, key: string): void {
    const keys = this.#keysOf.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOf.delete(owner);
  }
}
