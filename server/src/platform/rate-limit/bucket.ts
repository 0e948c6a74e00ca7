/**
 * Who has to know of a bucket: `shared` ones guard against guessing and are the same for every
 * process; `local` ones guard the process against load, and may be each process's own.
 */
export type BucketKind = 'local' | 'shared';

/** How fast a bucket fills, and what it holds at most. */
export interface BucketRule {
  readonly name: string;
  readonly kind: BucketKind;
  readonly rate: Rate;
  /** How long the bucket takes to gain one request. */
  readonly stepUs: number;
  /** How long an empty bucket takes to fill. */
  readonly capacityUs: number;
  /**
   * A bucket that takes longer from now to be full is not believed: a clock was set back, or the rate
   * lowered. Half of it is left for clocks that differ from store to store.
   */
  readonly horizonUs: number;
}

interface Rate {
  readonly count: number;
  readonly periodSeconds: number;
}

/** What a bucket decided about one request. */
export interface Decision {
  isAllowed: boolean;
  /** Whole requests left in the bucket. */
  remaining: number;
  /** Seconds until the bucket holds one more request than now; what a refused client should wait. */
  resetSeconds: number;
  /** When the bucket will be full again: all that there is to know of it. */
  fullAtUs: number;
}

/**
 * Where buckets are kept. Each of them decides alike, by the generic cell rate algorithm in whole
 * microseconds since the epoch: a bucket is known by the moment at which it will be full, each
 * request moves that moment by one step, and none may move it further than the capacity from now.
 * What is refused changes nothing.
 */
export interface BucketStore {
  /**
   * Takes one request from the bucket that the rule has for the key, if there is one in it.
   * @param knownUs when the bucket will be full as far as the caller knows; the later one counts
   * @param nowUs the time; by default what the store's own clock says
   */
  take(
    rule: BucketRule,
    key: string,
    knownUs: number,
    nowUs?: number,
  ): Decision | Promise<Decision>;
}

/** Describes a bucket that holds `count` requests and fills evenly over the period. */
export function bucketRule(name: string, kind: BucketKind, rate: Rate): BucketRule {
  const stepUs = Math.ceil((rate.periodSeconds * 1_000_000) / rate.count);
  const capacityUs = stepUs * rate.count;
  return { name, kind, rate, stepUs, capacityUs, horizonUs: 2 * capacityUs };
}

/** When a bucket is full that is said to be full at `fullAtUs`. */
export function believed(rule: BucketRule, fullAtUs: number, nowUs: number): number {
  return fullAtUs < nowUs || fullAtUs > nowUs + rule.horizonUs ? nowUs : fullAtUs;
}

/** Whether a bucket that will be full at `fullAtUs` holds a request. */
export function holdsRequest(rule: BucketRule, fullAtUs: number, nowUs: number): boolean {
  return fullAtUs + rule.stepUs - nowUs <= rule.capacityUs;
}

/** The decision that leaves a bucket full at `fullAtUs`. */
export function decisionOf(
  rule: BucketRule,
  isAllowed: boolean,
  fullAtUs: number,
  nowUs: number,
): Decision {
  const heldUs = rule.capacityUs - (fullAtUs - nowUs);
  const remaining = Math.max(0, Math.floor(heldUs / rule.stepUs));
  const missingUs = (remaining + 1) * rule.stepUs - heldUs;
  const resetSeconds = Math.max(1, Math.ceil(missingUs / 1_000_000));
  return { isAllowed, remaining, resetSeconds, fullAtUs };
}

/** The time of this machine. All stores tell the time of day, so that what one knows another can use. */
export function clockUs(): number {
  return Date.now() * 1000;
}
