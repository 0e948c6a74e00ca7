import { type RedisConnection, type RedisScript, RedisUnavailable } from '../redis/redis.ts';

/** An answer of Redis: what it holds, and the time there, from which the age of an entry counts. */
export interface Found {
  /** null: nothing. */
  text: string | null;
  lifeLeftMs: number;
  redisNowMs: number;
}

const NOW = `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

const FIND: RedisScript = {
  name: 'docketCacheFind',
  keyCount: 1,
  lua: `${NOW}
    return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]), now}`,
};

// An entry is as old as the question that it answers, however long the answer took to come here.
const KEEP: RedisScript = {
  name: 'docketCacheKeep',
  keyCount: 2,
  lua: `${NOW}
    local life = tonumber(ARGV[2]) + tonumber(ARGV[3]) - now
    if life <= 0 then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', life)
    redis.call('SADD', KEYS[2], KEYS[1])
    redis.call('PEXPIRE', KEYS[2], ARGV[3])
    return 1`,
};

const FORGET: RedisScript = {
  name: 'docketCacheForget',
  keyCount: 2,
  lua: `
    for _, key in ipairs(redis.call('SMEMBERS', KEYS[2])) do redis.call('DEL', key) end
    return redis.call('DEL', KEYS[1], KEYS[2])`,
};

/** Entries of one cache in Redis, each of one owner. All of it may vanish at any time. */
export class RedisEntries {
  readonly #redis: RedisConnection;
  readonly #name: string;
  readonly #lifeMs: number;

  constructor(redis: RedisConnection, name: string, lifeMs: number) {
    this.#redis = redis;
    this.#name = name;
    this.#lifeMs = lifeMs;
  }

  /** null: Redis is away. */
  async find(key: string): Promise<Found | null> {
    const answer = await this.#run(FIND, this.#placeOf(key));
    if (!answer) return null;
    const [text, lifeLeftMs, redisNowMs] = answer as [string | null, number, number];
    return { text, lifeLeftMs, redisNowMs };
  }

  /** Keeps an entry, which is as old as `readAtMs` of Redis's clock. */
  async keep(key: string, owner: string, text: string, readAtMs: number): Promise<void> {
    const places = [this.#placeOf(key), this.#placeOfOwner(owner)];
    await this.#run(KEEP, ...places, text, readAtMs, this.#lifeMs);
  }

  /** Deletes the entry of that key, and all of that owner. */
  async forget(key: string, owner: string): Promise<void> {
    await this.#run(FORGET, this.#placeOf(key), this.#placeOfOwner(owner));
  }

  #placeOf(key: string): string {
    return `docket:${this.#name}:${key}`;
  }

  #placeOfOwner(owner: string): string {
    return `docket:${this.#name}-of:${owner}`;
  }

  async #run(script: RedisScript, ...args: (string | number)[]): Promise<unknown> {
    if (!this.#redis.isUsable()) return null;
    try {
      return await this.#redis.run(script, ...args);
    } catch (error) {
      if (error instanceof RedisUnavailable) return null;
      throw error;
    }
  }
}
