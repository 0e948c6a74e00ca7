import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { isRedisPresent, type RedisServer, startRedis } from '../../../test/harness/redis.ts';
import { until } from '../../../test/harness/until.ts';
import { Counts } from '../counts.ts';
import { RedisConnection } from '../redis/redis.ts';
import { type BucketRule, type BucketStore, bucketRule, type Decision } from './bucket.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { PostgresBuckets } from './postgres-buckets.ts';
import { RedisBuckets } from './redis-buckets.ts';
import { TokenBuckets } from './token-buckets.ts';

const t = useTestDatabase();
let server: RedisServer;
let redis: RedisConnection;

beforeAll(async () => {
  if (!isRedisPresent) return;
  server = await startRedis();
  redis = new RedisConnection({ url: server.url, onChange: () => {} });
  await redis.start();
});

beforeEach(() => emptyTable());

afterAll(async () => {
  redis?.close();
  await server?.remove();
});

async function emptyTable(): Promise<void> {
  await t.db.execute({ name: undefined, text: 'delete from rate_buckets', values: [] });
}

interface Step {
  rule: BucketRule;
  key: string;
  nowUs: number;
}

const REQUESTS = 10_000;
const START_US = Date.UTC(2026, 0, 1) * 1000;
const RULES = [
  bucketRule('five', 'shared', { count: 5, periodSeconds: 60 }),
  bucketRule('seven', 'local', { count: 7, periodSeconds: 100 }),
  bucketRule('one', 'shared', { count: 1, periodSeconds: 10 }),
  bucketRule('many', 'local', { count: 600, periodSeconds: 60 }),
];

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bursts, trickles and pauses of several clients under several rules. */
function trace(seed: number): Step[] {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  let nowUs = START_US;
  return Array.from({ length: REQUESTS }, () => {
    nowUs += Math.floor(random() ** 4 * 1_500_000);
    return { rule: pick(RULES), key: pick(['a', 'b', '2001:db8::/64', 'ä€ "key"']), nowUs };
  });
}

const STEPS = trace(20_260_101);

async function decisionsOf(take: (step: Step) => Decision | Promise<Decision>) {
  const decisions: Decision[] = [];
  for (const step of STEPS) decisions.push(await take(step));
  return decisions;
}

function through(store: BucketStore) {
  return decisionsOf(({ rule, key, nowUs }) => store.take(rule, key, 0, nowUs));
}

function atDifference(one: Decision[], other: Decision[]) {
  const place = one.findIndex(
    (decision, i) => JSON.stringify(decision) !== JSON.stringify(other[i]),
  );
  return place < 0 ? null : { place, step: STEPS[place], one: one[place], other: other[place] };
}

const reference = new MemoryBuckets();
const expected = decisionsOf(({ rule, key, nowUs }) => reference.take(rule, key, 0, nowUs));

test('the trace allows much, refuses much, and leaves buckets in every state', async () => {
  const decisions = await expected;
  const allowed = decisions.filter(({ isAllowed }) => isAllowed).length;
  expect(allowed).toBeGreaterThan(REQUESTS / 5);
  expect(allowed).toBeLessThan((REQUESTS * 4) / 5);
  expect(new Set(decisions.map(({ remaining }) => remaining)).size).toBeGreaterThan(8);
});

test('PostgreSQL decides 10,000 requests as memory does', async () => {
  expect(atDifference(await expected, await through(new PostgresBuckets(t.db)))).toBeNull();
}, 120_000);

test.runIf(isRedisPresent)(
  'Redis decides 10,000 requests as memory does',
  async () => {
    expect(atDifference(await expected, await through(new RedisBuckets(redis)))).toBeNull();
  },
  120_000,
);

test.runIf(isRedisPresent)(
  'with a Redis that is killed on the way, and comes back empty, nothing is decided otherwise',
  async () => {
    const other = await startRedis();
    const connection = new RedisConnection({ url: other.url, onChange: () => {} });
    await connection.start();
    const counts = new Counts('decisions', 'For the test');
    const buckets = new TokenBuckets(t.db, connection, counts);
    let place = 0;
    const decisions = await decisionsOf(async ({ rule, key, nowUs }) => {
      place += 1;
      if (place === REQUESTS / 4) await other.kill();
      if (place === REQUESTS / 2) {
        await other.start();
        await until(() => connection.isUsable());
      }
      return buckets.take(rule, key, nowUs);
    });
    connection.close();
    await other.remove();
    expect(atDifference(await expected, decisions)).toBeNull();
    const decidedBy = (store: string) =>
      ['allowed', 'refused'].map((outcome) => counts.of({ rule: 'five', store, outcome }).value);
    expect(decidedBy('redis')[0]).toBeGreaterThan(100);
    expect(decidedBy('postgres')[0]).toBeGreaterThan(50);
    const decidedByMemory = counts.of({ rule: 'many', store: 'memory', outcome: 'allowed' });
    expect(decidedByMemory.value).toBeGreaterThan(100);
    expect(decidedBy('memory')).toEqual([0, 0]);
  },
  120_000,
);
