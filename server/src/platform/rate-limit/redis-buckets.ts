import type { RedisConnection, RedisScript } from '../redis/redis.ts';
import { type BucketRule, type BucketStore, type Decision, decisionOf } from './bucket.ts';

// Numbers of Lua are those of JavaScript, exact below 2^53; only their text form has to be asked for.
const TAKE: RedisScript = {
  name: 'docketTakeRequest',
  keyCount: 1,
  lua: `
    local step, capacity, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local known, stored = tonumber(ARGV[4]), tonumber(redis.call('GET', KEYS[1]) or 0)
    local now = tonumber(ARGV[5])
    if not now then
      local time = redis.call('TIME')
      now = time[1] * 1000000 + time[2]
    end
    if known > now + horizon then known = 0 end
    if stored > now + horizon then stored = 0 end
    local full = math.max(stored, known, now)
    if full + step - now > capacity then return {0, full, now} end
    full = full + step
    redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
    return {1, full, now}`,
};

/** Buckets in Redis, the same for every process; they vanish by themselves once they are full. */
export class RedisBuckets implements BucketStore {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  /** Whether it makes sense to ask now. */
  isUsable(): boolean {
    return this.#redis.isUsable();
  }

  /** @throws RedisUnavailable */
  async take(
    rule: BucketRule,
    key: string,
    knownUs: number,
    nowUs: number | '' = '',
  ): Promise<Decision> {
    const { name, stepUs, capacityUs, horizonUs } = rule;
    const place = `docket:rate:${name}:${key}`;
    const sizes = [stepUs, capacityUs, horizonUs];
    const answer = await this.#redis.run(TAKE, place, ...sizes, knownUs, nowUs);
    const [isAllowed, fullAtUs, atUs] = answer as [number, number, number];
    return decisionOf(rule, isAllowed === 1, fullAtUs, atUs);
  }
}
