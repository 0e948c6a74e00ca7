import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isRedisPresent, type RedisServer, startRedis } from '../../../test/harness/redis.ts';
import { until } from '../../../test/harness/until.ts';
import { Counts } from '../counts.ts';
import { RedisConnection } from '../redis/redis.ts';
import { RecentChanges } from './recent-changes.ts';
import { RedisEntries } from './redis-entries.ts';
import { RevocableCache } from './revocable-cache.ts';

const LIFE_MS = 400;
/** Longer than an entry lives, with the margin. */
const LONG_MS = 500;

interface Value {
  name: string;
}

const parse = (json: unknown) => (json && typeof json === 'object' ? (json as Value) : undefined);
const ownerOf = () => 'u1';
const requests = new Counts('cache_requests', 'For the test');
const connections: RedisConnection[] = [];

/** A process: what it remembers, what it hears, and how often it had to read. */
async function startProcess(url?: string) {
  const redis = url ? new RedisConnection({ url, onChange: () => {} }) : null;
  if (redis) connections.push(redis);
  await redis?.start();
  const state = { isHearing: true, reads: 0, value: 'first' };
  const options = { name: 'session', ownerName: 'user', ownerOf, requests, parse, lifeMs: LIFE_MS };
  const hearing = { isHearing: () => state.isHearing };
  const cache = new RevocableCache<Value>({ ...options, hearing, redis });
  cache.forgetAll();
  const find = async (key = 's1', isGood = (_: Value) => true) => {
    const known = cache.get(key);
    if (known) return known.name;
    const read = async () => {
      state.reads += 1;
      return { name: state.value };
    };
    return (await cache.find({ key, read, isGood })).name;
  };
  return { cache, state, find, redis };
}

function isInRedis(redis: RedisConnection | null): Promise<boolean> {
  if (!redis) throw new Error('the process has no Redis');
  return new RedisEntries(redis, 'session', LIFE_MS).find('s1').then((found) => !!found?.text);
}

afterEach(() => {
  for (const redis of connections.splice(0)) redis.close();
});

describe('in memory', () => {
  test.each(['session:s1', 'user:u1', 'all:'])('%s makes it read anew', async (message) => {
    const { cache, state, find } = await startProcess();
    expect([await find(), await find(), state.reads]).toEqual(['first', 'first', 1]);
    state.value = 'second';
    cache.hear(message);
    expect(await find()).toBe('second');
  });

  test.each(['session:s2', 'user:u2', 'api_token:s1'])('%s is about others', async (message) => {
    const { cache, state, find } = await startProcess();
    await find();
    cache.hear(message);
    await find();
    expect(state.reads).toBe(1);
  });

  test('nothing is believed while nothing is heard, nor longer than it lives', async () => {
    const { state, find } = await startProcess();
    await find();
    state.isHearing = false;
    await find();
    expect(state.reads).toBe(2);
    state.isHearing = true;
    await find();
    expect(state.reads).toBe(2);
    await delay(LONG_MS);
    await find();
    expect(state.reads).toBe(3);
  });

  test('what was read before a change is not remembered after it', async () => {
    const { cache, find } = await startProcess();
    const read = async () => {
      cache.hear('user:u1');
      return { name: 'old' };
    };
    await cache.find({ key: 's1', read, isGood: () => true });
    expect(await find()).toBe('first');
  });
});

describe.runIf(isRedisPresent)('with Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.remove());
  afterEach(async () => {
    await server.kill();
    await server.start();
  });

  /** Two processes that have heard everything for long. */
  async function startTwo() {
    const both = [await startProcess(server.url), await startProcess(server.url)] as const;
    await delay(LONG_MS);
    return both;
  }

  test('what one process read another finds, and both are counted', async () => {
    const [one, two] = await startTwo();
    const hits = requests.of({ cache: 'session', level: 'redis', outcome: 'hit' });
    const before = hits.value;
    expect(await one.find()).toBe('first');
    await until(() => isInRedis(one.redis));
    expect(await two.find()).toBe('first');
    expect(hits.value).toBe(before + 1);
    expect([one.state.reads, two.state.reads]).toEqual([1, 0]);
  });

  test('a process that has not heard for long enough believes nothing from there', async () => {
    const [one, two] = await startTwo();
    await one.find();
    await until(() => isInRedis(one.redis));
    two.cache.forgetAll();
    await two.find();
    expect(two.state.reads).toBe(1);
  });

  test.each(['session:s1', 'user:u1', 'all'])(
    'after %s nobody who heard it believes an entry that was written too late',
    async (message) => {
      const [one, two] = await startTwo();
      // One process has read, and is slow to hear and to write.
      const read = async () => {
        two.cache.hear(message);
        // What it does in Redis comes before what is written there.
        await two.redis?.ping();
        return { name: 'stale' };
      };
      await one.cache.find({ key: 's1', read, isGood: () => true });
      await until(() => isInRedis(one.redis));
      two.state.value = 'second';
      expect(await two.find()).toBe('second');
    },
  );

  test.each(['session:s1', 'user:u1'])('%s takes the entry out of Redis', async (message) => {
    const [one] = await startTwo();
    await one.find();
    await until(() => isInRedis(one.redis));
    one.cache.hear(message);
    await until(async () => !(await isInRedis(one.redis)), LIFE_MS / 2);
  });

  test('an entry in Redis is no younger than its question, however late it comes there', async () => {
    const [one, two] = await startTwo();
    const read = async () => {
      await delay(LIFE_MS);
      return { name: 'late' };
    };
    await one.cache.find({ key: 's1', read, isGood: () => true });
    await two.find();
    expect(two.state.reads).toBe(1);
  });

  test('a value that will not do is read anew, and so is one that no release of ours wrote', async () => {
    const [one, two] = await startTwo();
    await one.find();
    await until(() => isInRedis(one.redis));
    await two.find('s1', (value) => value.name !== 'first');
    expect(two.state.reads).toBe(1);
    const read = async () => 'text' as unknown as Value;
    await one.cache.find({ key: 's2', read, isGood: () => true });
    expect(await two.find('s2')).toBe('first');
  });

  test('without Redis everything is read, and with it again everything is shared', async () => {
    const [one, two] = await startTwo();
    await server.kill();
    expect([await one.find(), await two.find()]).toEqual(['first', 'first']);
    expect([one.state.reads, two.state.reads]).toEqual([1, 1]);
    await server.start();
    await until(() => (one.redis?.isUsable() && two.redis?.isUsable()) ?? false);
    await one.find('s3');
    await two.find('s3');
    expect([one.state.reads, two.state.reads]).toEqual([2, 1]);
  });
});

test('changes that had to be forgotten count as heard', () => {
  const changes = new RecentChanges(2);
  expect(changes.isSilentSince(performance.now(), [])).toBe(false);
  changes.restart();
  const startedMs = performance.now();
  expect(changes.isSilentSince(startedMs - 1000, ['a'])).toBe(false);
  changes.note('a');
  expect(changes.isSilentSince(startedMs + 0.000_1, ['b'])).toBe(true);
  for (const message of ['b', 'c']) changes.note(message);
  expect(changes.isSilentSince(startedMs, ['a'])).toBe(false);
  expect(changes.isSilentSince(startedMs, ['d'])).toBe(false);
});
