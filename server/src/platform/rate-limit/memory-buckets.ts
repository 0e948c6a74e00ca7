import { LRUCache } from 'lru-cache';
import {
  type BucketRule,
  type BucketStore,
  believed,
  clockUs,
  type Decision,
  decisionOf,
  holdsRequest,
} from './bucket.ts';

interface Bucket {
  fullAtUs: number;
}

const MAX_BUCKETS = 100_000;

/**
 * Buckets in this process's memory. Of each rule at most 100,000 are kept; the least recently used
 * makes room, which can only favour a client that has been quiet for longest.
 */
export class MemoryBuckets implements BucketStore {
  readonly #buckets = new Map<string, LRUCache<string, Bucket>>();

  take(rule: BucketRule, key: string, knownUs = 0, nowUs = clockUs()): Decision {
    const bucket = this.#bucketOf(rule.name, key);
    const storedUs = believed(rule, bucket.fullAtUs, nowUs);
    const fullAtUs = knownUs === 0 ? storedUs : Math.max(storedUs, believed(rule, knownUs, nowUs));
    if (!holdsRequest(rule, fullAtUs, nowUs)) return decisionOf(rule, false, fullAtUs, nowUs);
    bucket.fullAtUs = fullAtUs + rule.stepUs;
    return decisionOf(rule, true, bucket.fullAtUs, nowUs);
  }

  /** When the bucket will be full as far as is known here; 0: nothing is. */
  known(rule: BucketRule, key: string): number {
    return this.#buckets.get(rule.name)?.get(key)?.fullAtUs ?? 0;
  }

  /** Keeps what another store decided, should it be needed here. */
  remember(rule: BucketRule, key: string, fullAtUs: number): void {
    const bucket = this.#bucketOf(rule.name, key);
    // Answers may overtake each other: the later moment counts, unless it was beyond belief.
    const isLater = fullAtUs > bucket.fullAtUs;
    if (isLater || bucket.fullAtUs > fullAtUs + rule.horizonUs) bucket.fullAtUs = fullAtUs;
  }

  #bucketOf(name: string, key: string): Bucket {
    let ofRule = this.#buckets.get(name);
    if (!ofRule) {
      ofRule = new LRUCache({ max: MAX_BUCKETS });
      this.#buckets.set(name, ofRule);
    }
    let bucket = ofRule.get(key);
    if (!bucket) {
      bucket = { fullAtUs: 0 };
      ofRule.set(key, bucket);
    }
    return bucket;
  }
}
