import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isRedisPresent, type RedisServer, startRedis } from '../../../test/harness/redis.ts';
import { until } from '../../../test/harness/until.ts';
import { RedisConnection, RedisUnavailable } from './redis.ts';

const ECHO = { name: 'testEcho', keyCount: 1, lua: 'return {KEYS[1], ARGV[1]}' };

describe.runIf(isRedisPresent)('a connection to Redis', () => {
  let server: RedisServer;
  const open: RedisConnection[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => {
    server.freeze(false);
    for (const redis of open.splice(0)) redis.close();
  });
  afterAll(() => server?.remove());

  async function connect(url = server.url) {
    const said: [boolean, string][] = [];
    const redis = new RedisConnection({ url, onChange: (...change) => void said.push(change) });
    open.push(redis);
    await redis.start();
    return { redis, said };
  }

  const echo = (redis: RedisConnection) => redis.run(ECHO, 'key', 'value');

  async function answers(redis: RedisConnection): Promise<boolean> {
    if (!redis.isUsable()) return false;
    const answer = await echo(redis).catch(() => null);
    return JSON.stringify(answer) === '["key","value"]';
  }

  test('runs scripts, also after Redis has forgotten them with everything else', async () => {
    const { redis, said } = await connect();
    expect(await echo(redis)).toEqual(['key', 'value']);
    await server.kill();
    await expect(echo(redis)).rejects.toThrow(RedisUnavailable);
    await server.start();
    await until(() => answers(redis));
    expect(said.map(([isUp]) => isUp)).toEqual([true, false, true]);
  });

  test('100 commands to one that answers nothing fail soon and together, and then nobody waits', async () => {
    const { redis } = await connect();
    server.freeze(true);
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => echo(redis)));
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(redis.isUsable()).toBe(false);
    server.freeze(false);
    await until(() => answers(redis));
  });

  test('after a pause one tries, and the others do not wait for it', async () => {
    const { redis } = await connect();
    server.freeze(true);
    await expect(echo(redis)).rejects.toThrow(RedisUnavailable);
    await until(() => redis.isUsable());
    const attempt = echo(redis);
    expect(redis.isUsable()).toBe(false);
    await expect(attempt).rejects.toThrow(RedisUnavailable);
  });

  test('where there is none, starting takes a moment and fails nothing', async () => {
    const { redis, said } = await connect('redis://:s3sam@127.0.0.1:1/0');
    expect(redis.isUsable()).toBe(false);
    await expect(redis.ping()).rejects.toThrow(RedisUnavailable);
    expect(said).toHaveLength(1);
  });

  test('a wrong password is told without the password, which no error carries', async () => {
    const { redis, said } = await connect(server.url.replace('//', '//somebody:s3sam@'));
    const error = await redis.ping().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RedisUnavailable);
    expect(JSON.stringify([said, error, Object.entries(error as object)])).not.toContain('s3sam');
    expect(said[0]?.[0]).toBe(false);
    expect(redis.isUsable()).toBe(false);
  });
});
