import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { isRedisPresent, type RedisServer, startRedis } from '../../../test/harness/redis.ts';
import { RedisConnection } from '../redis/redis.ts';
import { type BucketStore, bucketRule } from './bucket.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { PostgresBuckets, purgeFullBuckets } from './postgres-buckets.ts';
import { RedisBuckets } from './redis-buckets.ts';

const t = useTestDatabase();
let server: RedisServer;
let redis: RedisConnection;

beforeAll(async () => {
  if (!isRedisPresent) return;
  server = await startRedis();
  redis = new RedisConnection({ url: server.url, onChange: () => {} });
  await redis.start();
});

afterAll(async () => {
  redis?.close();
  await server?.remove();
});

const FIVE = bucketRule('five', 'shared', { count: 5, periodSeconds: 60 });
const MINUTE_US = 60_000_000;
const NOW_US = Date.UTC(2026, 0, 1) * 1000;
const STORES: [string, () => BucketStore][] = [
  ['memory', () => new MemoryBuckets()],
  ['PostgreSQL', () => new PostgresBuckets(t.db)],
  ...(isRedisPresent
    ? [['Redis', () => new RedisBuckets(redis)] as [string, () => BucketStore]]
    : []),
];

describe.each(STORES)('%s', (_name, open) => {
  test('100 at once take no more than the bucket holds, by the clock of the store', async () => {
    const store = open();
    const decisions = await Promise.all(
      Array.from({ length: 100 }, () => store.take(FIVE, 'at once', 0)),
    );
    expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(5);
    for (const { isAllowed, remaining, resetSeconds } of decisions) {
      if (isAllowed) continue;
      expect(remaining).toBe(0);
      expect(resetSeconds).toBeGreaterThanOrEqual(11);
      expect(resetSeconds).toBeLessThanOrEqual(12);
    }
  });

  test('what the caller knows counts where it is later, and is kept', async () => {
    const store = open();
    const take = (knownUs: number) => store.take(FIVE, 'known', knownUs, NOW_US);
    expect((await take(NOW_US + MINUTE_US)).isAllowed).toBe(false);
    const decision = await take(NOW_US + 3 * FIVE.stepUs);
    expect(decision).toMatchObject({ isAllowed: true, remaining: 1 });
    expect(await take(0)).toMatchObject({ isAllowed: true, remaining: 0 });
    expect((await take(0)).isAllowed).toBe(false);
  });

  test('rules and keys have buckets of their own', async () => {
    const store = open();
    const other = bucketRule('other', 'shared', { count: 1, periodSeconds: 60 });
    for (const [rule, key] of [
      [FIVE, 'x'],
      [other, 'x'],
      [other, 'y'],
    ] as const) {
      expect((await store.take(rule, key, 0, NOW_US)).isAllowed).toBe(true);
    }
    expect((await store.take(other, 'x', 0, NOW_US)).isAllowed).toBe(false);
  });

  test('a moment that no bucket can reach, after a clock was set back, closes none', async () => {
    const store = open();
    for (let i = 0; i < 5; i++) await store.take(FIVE, 'clock', 0, NOW_US + 60 * MINUTE_US);
    const decision = await store.take(FIVE, 'clock', NOW_US + 60 * MINUTE_US, NOW_US);
    expect(decision).toMatchObject({ isAllowed: true, remaining: 4 });
    expect(await store.take(FIVE, 'clock', 0, NOW_US)).toMatchObject({ remaining: 3 });
  });

  test('whoever waits as told is let in, however far the clocks of two stores are apart', async () => {
    const store = open();
    const take = (nowUs: number) => store.take(FIVE, 'ahead', NOW_US + 1.5 * MINUTE_US, nowUs);
    const refused = await take(NOW_US);
    expect(refused.isAllowed).toBe(false);
    expect((await take(NOW_US + refused.resetSeconds * 1_000_000)).isAllowed).toBe(true);
  });
});

test('PostgreSQL: what is refused writes nothing', async () => {
  const store = new PostgresBuckets(t.db);
  const version = async () =>
    (
      await t.db.run<{ at: string }>({
        name: undefined,
        text: "select ctid::text || full_at_us as at from rate_buckets where key = 'still'",
        values: [],
      })
    )[0]?.at;
  for (let i = 0; i < 5; i++) await store.take(FIVE, 'still', 0, NOW_US);
  const before = await version();
  expect((await store.take(FIVE, 'still', 0, NOW_US)).isAllowed).toBe(false);
  expect(await version()).toBe(before);
});

test('PostgreSQL: full buckets are purged in batches, two at once skip each other, others stay', async () => {
  const run = (text: string) => t.db.execute({ name: undefined, text, values: [] });
  await run('delete from rate_buckets');
  await run(
    "insert into rate_buckets select 'five', 'old ' || i, i from generate_series(1, 1500) as i",
  );
  await new PostgresBuckets(t.db).take(FIVE, 'new', 0);
  const counts = await Promise.all([purgeFullBuckets(t), purgeFullBuckets(t)]);
  const last = await purgeFullBuckets(t);
  expect(Math.max(...counts)).toBeLessThanOrEqual(1000);
  expect(counts[0] + counts[1] + last).toBe(1500);
  const rows = await t.db.run<{ key: string }>({
    name: undefined,
    text: 'select key from rate_buckets',
    values: [],
  });
  expect(rows).toEqual([{ key: 'new' }]);
});
