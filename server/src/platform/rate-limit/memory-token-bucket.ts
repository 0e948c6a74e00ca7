import { LRUCache } from 'lru-cache';

/** What a bucket decided about one request. */
export interface Decision {
  isAllowed: boolean;
  /** Whole requests left in the bucket. */
  remaining: number;
  /** Seconds until the bucket holds one more request than now; what a refused client should wait. */
  resetSeconds: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** How fast a bucket fills, and what it holds at most. */
export interface BucketRule {
  name: string;
  rate: { count: number; periodSeconds: number };
}

const MAX_BUCKETS = 100_000;

/**
 * Token buckets in this process's memory: each holds `count` requests and fills evenly over the
 * period. Of each rule at most 100,000 are kept; the least recently used makes room, which can only favour a
 * client that has been quiet for longest.
 */
export class MemoryTokenBuckets {
  readonly #buckets = new Map<string, LRUCache<string, Bucket>>();
  readonly #now: () => number;

  /** @param now monotonic clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes one request from the bucket that the rule has for the key, if there is one in it. */
  take({ name, rate }: BucketRule, key: string): Decision {
    const nowMs = this.#now();
    const tokensPerMs = rate.count / (rate.periodSeconds * 1000);
    const bucket = this.#bucketOf(name, key, rate.count, nowMs);
    const gained = (nowMs - bucket.filledAtMs) * tokensPerMs;
    bucket.tokens = Math.min(rate.count, bucket.tokens + gained);
    bucket.filledAtMs = nowMs;
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens -= 1;
    const missing = Math.floor(bucket.tokens) + 1 - bucket.tokens;
    return {
      isAllowed,
      remaining: Math.floor(bucket.tokens),
      resetSeconds: Math.max(1, Math.ceil(missing / tokensPerMs / 1000)),
    };
  }

  #bucketOf(name: string, key: string, count: number, nowMs: number): Bucket {
    let ofRule = this.#buckets.get(name);
    if (!ofRule) {
      ofRule = new LRUCache({ max: MAX_BUCKETS });
      this.#buckets.set(name, ofRule);
    }
    let bucket = ofRule.get(key);
    if (!bucket) {
      bucket = { tokens: count, filledAtMs: nowMs };
      ofRule.set(key, bucket);
    }
    return bucket;
  }
}
