import type { Count, Counts } from '../counts.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type RedisConnection, RedisUnavailable } from '../redis/redis.ts';
import type { BucketRule, BucketStore, Decision } from './bucket.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { PostgresBuckets } from './postgres-buckets.ts';
import { RedisBuckets } from './redis-buckets.ts';

type StoreName = 'memory' | 'postgres' | 'redis';
type Outcomes = Record<StoreName, { allowed: Count; refused: Count }>;

/**
 * The buckets of all rules. Redis decides where it is configured and answers; otherwise the database
 * for shared rules, and this process's memory for local ones. Whoever decides next is told what was
 * last known here, so that a change of stores gives nothing back.
 */
export class TokenBuckets {
  readonly #memory = new MemoryBuckets();
  readonly #postgres: BucketStore;
  readonly #redis: RedisBuckets | null;
  readonly #decisions: Counts;
  readonly #outcomes = new Map<string, Outcomes>();

  constructor(db: Queryable, redis: RedisConnection | null, decisions: Counts) {
    this.#postgres = new PostgresBuckets(db);
    this.#redis = redis && new RedisBuckets(redis);
    this.#decisions = decisions;
  }

  /**
   * Takes one request from the bucket that the rule has for the key, if there is one in it; at once
   * where this process's memory decides, which is on the way of every request.
   * @throws DatabaseUnavailable where a shared rule can be asked nowhere
   */
  take(rule: BucketRule, key: string, nowUs?: number): Decision | Promise<Decision> {
    if (this.#redis?.isUsable()) return this.#takeFromRedis(this.#redis, rule, key, nowUs);
    return this.#takeWithoutRedis(rule, key, nowUs);
  }

  async #takeFromRedis(redis: RedisBuckets, rule: BucketRule, key: string, nowUs?: number) {
    try {
      return await this.#takeFrom(redis, 'redis', rule, key, nowUs);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      return this.#takeWithoutRedis(rule, key, nowUs);
    }
  }

  #takeWithoutRedis(rule: BucketRule, key: string, nowUs?: number): Decision | Promise<Decision> {
    if (rule.kind === 'shared') return this.#takeFrom(this.#postgres, 'postgres', rule, key, nowUs);
    const decision = this.#memory.take(rule, key, 0, nowUs);
    this.#count('memory', rule, decision);
    return decision;
  }

  async #takeFrom(
    store: BucketStore,
    name: StoreName,
    rule: BucketRule,
    key: string,
    nowUs?: number,
  ): Promise<Decision> {
    const decision = await store.take(rule, key, this.#memory.known(rule, key), nowUs);
    this.#memory.remember(rule, key, decision.fullAtUs);
    this.#count(name, rule, decision);
    return decision;
  }

  #count(store: StoreName, rule: BucketRule, { isAllowed }: Decision): void {
    let outcomes = this.#outcomes.get(rule.name);
    if (!outcomes) {
      outcomes = this.#outcomesOf(rule.name);
      this.#outcomes.set(rule.name, outcomes);
    }
    const { allowed, refused } = outcomes[store];
    (isAllowed ? allowed : refused).value += 1;
  }

  #outcomesOf(rule: string): Outcomes {
    const of = (store: StoreName) => ({
      allowed: this.#decisions.of({ rule, store, outcome: 'allowed' }),
      refused: this.#decisions.of({ rule, store, outcome: 'refused' }),
    });
    return { memory: of('memory'), postgres: of('postgres'), redis: of('redis') };
  }
}
