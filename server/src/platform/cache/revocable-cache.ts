import type { Count, Counts } from '../counts.ts';
import type { RedisConnection } from '../redis/redis.ts';
import { OwnedEntries } from './owned-entries.ts';
import { RecentChanges } from './recent-changes.ts';
import { type Found, RedisEntries } from './redis-entries.ts';

const MAX_CACHED = 50_000;
/** Bounds what a lost message could cost, should every other precaution fail; also notices expiry. */
const LIFE_MS = 30_000;
/** What was heard is looked at for somewhat longer than entries live, since clocks differ in speed. */
const MARGIN = 1.1;
/** The message after which nothing remembered holds. */
const ALL = 'all';

interface RevocableCacheOptions<T> {
  /** In metrics and in Redis; also the first word of messages that void one entry: `session:<key>`. */
  name: string;
  /** The first word of messages that void all entries of one owner: `user:<owner>`. */
  ownerName: string;
  ownerOf: (value: T) => string;
  /** Whether every change of more than a second ago has been heard. */
  hearing: { isHearing(): boolean };
  redis: RedisConnection | null;
  requests: Counts;
  /** Makes a value of what another process wrote; undefined: it is none. */
  parse: (json: unknown) => T | undefined;
  lifeMs?: number;
}

interface Entry<T> {
  value: T;
  owner: string;
  untilMs: number;
}

/** What to find, and how to read it where it is not remembered. */
interface Question<T> {
  key: string;
  read: () => Promise<T>;
  /** Whether a remembered value will do; one that will not is read anew. */
  isGood: (value: T) => boolean;
}

/**
 * Remembers what the database says about things that can be revoked at any time, here and, where
 * there is one, in a Redis that processes share. What is remembered counts only while this process
 * provably hears of every change.
 *
 * Redis may hold what somebody wrote who had not yet heard of a change. So an entry from there is
 * believed only by a process that has heard everything for longer than an entry lives, and in that
 * time nothing about this one: whatever changed since the entry was read, it would have heard.
 */
export class RevocableCache<T> {
  readonly #options: RevocableCacheOptions<T>;
  readonly #lifeMs: number;
  readonly #entries = new OwnedEntries<Entry<T>>(MAX_CACHED);
  readonly #redis: RedisEntries | null;
  readonly #changes = new RecentChanges();
  readonly #counts: Record<'memory' | 'redis', { hit: Count; miss: Count }>;
  /** Counts changes heard, so that what was read before a change is not remembered after it. */
  #generation = 0;

  constructor(options: RevocableCacheOptions<T>) {
    const { name, redis, requests, lifeMs = LIFE_MS } = options;
    this.#options = options;
    this.#lifeMs = lifeMs;
    this.#redis = redis && new RedisEntries(redis, name, lifeMs);
    const countsOf = (level: string) => ({
      hit: requests.of({ cache: name, level, outcome: 'hit' }),
      miss: requests.of({ cache: name, level, outcome: 'miss' }),
    });
    this.#counts = { memory: countsOf('memory'), redis: countsOf('redis') };
  }

  /** What this process remembers; at once, since every request asks. */
  get(key: string): T | undefined {
    const entry = this.#options.hearing.isHearing() ? this.#entries.get(key) : undefined;
    if (entry === undefined || performance.now() >= entry.untilMs) {
      this.#counts.memory.miss.value += 1;
      return undefined;
    }
    this.#counts.memory.hit.value += 1;
    return entry.value;
  }

  /** Finds what this process does not remember: in Redis, else by reading. @throws whatever `read` does */
  async find(question: Question<T>): Promise<T> {
    const { key, read, isGood } = question;
    const generation = this.#generation;
    const askedAtMs = performance.now();
    const found = this.#redis && this.#options.hearing.isHearing() && (await this.#redis.find(key));
    const shared = found ? this.#believe(found, key, askedAtMs) : undefined;
    if (shared !== undefined && isGood(shared.value)) {
      if (generation === this.#generation) this.#entries.set(key, shared);
      return shared.value;
    }
    const untilMs = performance.now() + this.#lifeMs;
    const value = await read();
    const owner = this.#options.ownerOf(value);
    if (generation === this.#generation) {
      this.#entries.set(key, { value, owner, untilMs });
      if (found) void this.#redis?.keep(key, owner, JSON.stringify(value), found.redisNowMs);
    }
    return value;
  }

  /** A message of the channel of changes: `<name>:<key>`, `<owner name>:<owner>` or `all`. */
  hear(message: string): void {
    const [kind, id = ''] = message.split(':');
    if (kind === ALL) {
      this.forgetAll();
      return;
    }
    const { name, ownerName } = this.#options;
    if (kind !== name && kind !== ownerName) return;
    this.#generation += 1;
    this.#changes.note(message);
    if (kind === name) this.#entries.delete(id);
    else this.#entries.deleteOwner(id);
    // For the sake of memory there: nobody who has heard this believes the entry anyway.
    void this.#redis?.forget(kind === name ? id : '', kind === ownerName ? id : '');
  }

  /** Forgets everything: messages may have been missed, or everything has changed. */
  forgetAll(): void {
    this.#generation += 1;
    this.#changes.restart();
    this.#entries.clear();
  }

  #believe(found: Found, key: string, askedAtMs: number): Entry<T> | undefined {
    const entry = this.#safeEntry(found, key, askedAtMs);
    this.#counts.redis[entry === undefined ? 'miss' : 'hit'].value += 1;
    return entry;
  }

  #safeEntry(found: Found, key: string, askedAtMs: number): Entry<T> | undefined {
    const { name, ownerName, ownerOf, hearing, parse } = this.#options;
    if (found.text === null || found.lifeLeftMs <= 0 || !hearing.isHearing()) return undefined;
    const value = parse(parseJson(found.text));
    if (value === undefined) return undefined;
    const owner = ownerOf(value);
    const sinceMs = askedAtMs - this.#lifeMs * MARGIN;
    const messages = [`${name}:${key}`, `${ownerName}:${owner}`];
    if (!this.#changes.isSilentSince(sinceMs, messages)) return undefined;
    return { value, owner, untilMs: askedAtMs + Math.min(found.lifeLeftMs, this.#lifeMs) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
