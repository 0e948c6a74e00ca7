import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { refreshCookie } from '../../test/harness/accounts.ts';
import { startTestApp, type TestApp } from '../../test/harness/app.ts';
import { isRedisPresent, type RedisServer, startRedis } from '../../test/harness/redis.ts';
import { until } from '../../test/harness/until.ts';

const open: TestApp[] = [];

afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function start(settings: Record<string, string>): Promise<TestApp> {
  const app = await startTestApp(settings);
  open.push(app);
  return app;
}

async function counted(app: TestApp, name: string, labels: string): Promise<number> {
  const line = new RegExp(`^${name}${labels ? `{${labels}}` : ''} (\\d+)$`, 'm');
  return Number(line.exec(await app.ctx.metrics.text())?.[1] ?? -1);
}

function decided(app: TestApp, rule: string, store: string, outcome: string) {
  const labels = `rule="${rule}",store="${store}",outcome="${outcome}"`;
  return counted(app, 'docket_rate_limit_decisions_total', labels);
}

function counts(app: TestApp, as: Parameters<TestApp['call']>[2]) {
  return app.call('GET', '/api/v1/tasks/counts', as);
}

test('one session refreshes 30 times a minute, however many addresses it comes from; others go on', async () => {
  const app = await start({});
  const [ada, bob] = [await app.signIn(), await app.signIn()];
  const refresh = (as: typeof ada, i: number) =>
    app.call('POST', '/api/v1/refresh', {
      headers: { cookie: refreshCookie(app.ctx, as) },
      remoteAddress: `192.0.2.${i}`,
    });
  const answers = [];
  for (let i = 0; i < 31; i++) answers.push(await refresh(ada, i));
  const statuses = answers.map(({ statusCode }) => statusCode);
  expect(statuses).toEqual([...Array(30).fill(200), 429]);
  expect(answers.at(-1)?.json().code).toBe('rate.limited');
  expect(Number(answers.at(-1)?.headers['retry-after'])).toBeLessThanOrEqual(2);
  expect((await refresh(bob, 1)).statusCode).toBe(200);
});

test('mails to one recipient are limited, whoever asks; off is off', async () => {
  const app = await start({ RATE_LIMIT_MAIL: '2/1h' });
  const take = (email: string) => app.ctx.mailLimit.takeMail(email);
  const all = ['a@example.org', 'a@example.org', 'a@example.org', 'b@example.org'];
  const taken = [];
  for (const email of all) taken.push(await take(email));
  expect(taken).toEqual([true, true, false, true]);
  const { rows } = await app.owner.query("SELECT key FROM rate_buckets WHERE rule = 'mail'");
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).not.toContain('example');
  const unlimited = await start({ RATE_LIMIT_MAIL: 'off' });
  for (let i = 0; i < 9; i++) expect(await unlimited.ctx.mailLimit.takeMail('a')).toBe(true);
});

test('without Redis signed-in requests are counted in memory, sign-ins in the database', async () => {
  const app = await start({ RATE_LIMIT_USER: '2/1m', RATE_LIMIT_AUTH: '2/1m' });
  const ada = await app.signIn();
  for (let i = 0; i < 3; i++) await counts(app, { as: ada });
  const body = { email: 'a@example.org', password: 'wrong' };
  for (let i = 0; i < 3; i++) await app.call('POST', '/api/v1/login', { body });
  expect(await decided(app, 'user', 'memory', 'allowed')).toBe(2);
  expect(await decided(app, 'user', 'memory', 'refused')).toBe(1);
  expect(await decided(app, 'sign-in', 'postgres', 'allowed')).toBe(2);
  expect(await decided(app, 'sign-in', 'postgres', 'refused')).toBe(1);
  expect(await decided(app, 'account', 'postgres', 'allowed')).toBe(2);
  expect(await counted(app, 'docket_redis_up', '')).toBe(-1);
  const ready = await app.call('GET', '/ready');
  expect(Object.keys(ready.json().dependencies)).toEqual(['database']);
});

describe.runIf(isRedisPresent)('with Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.remove());
  afterEach(() => server.freeze(false));

  test('every bucket is there, with the same headers, also without a valid token', async () => {
    const settings = { RATE_LIMIT_USER: '2/1m', RATE_LIMIT_DEFAULT: '2/1m' };
    const app = await start({ ...settings, REDIS_URL: server.url });
    const ada = await app.signIn();
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await counts(app, { as: ada }));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429]);
    expect(answers[0]?.headers.ratelimit).toBe('"user";r=1;t=30');
    expect(answers[2]?.headers['ratelimit-policy']).toBe('"user";q=2;w=60');
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(25);
    const guesses = [];
    for (let i = 0; i < 3; i++) {
      guesses.push((await counts(app, { headers: { authorization: 'Bearer x' } })).statusCode);
    }
    expect(guesses).toEqual([401, 401, 429]);
    expect(await decided(app, 'user', 'redis', 'allowed')).toBeGreaterThan(0);
    expect(await counted(app, 'docket_redis_up', '')).toBe(1);
  });

  test('the server is ready while Redis is away, and says so', async () => {
    const app = await start({ REDIS_URL: server.url });
    const state = async () => {
      const ready = await app.call('GET', '/ready');
      return [ready.statusCode, ready.json().dependencies.redis.status];
    };
    expect(await state()).toEqual([200, 'up']);
    await server.kill();
    expect(await state()).toEqual([200, 'down']);
    expect(await counted(app, 'docket_redis_up', '')).toBe(0);
    await server.start();
    await until(async () => (await state())[1] === 'up');
  });

  test('a Redis that answers nothing holds up a request for a moment, and the next ones not at all', async () => {
    const app = await start({ REDIS_URL: server.url, RATE_LIMIT_USER: '9/1m' });
    const ada = await app.signIn();
    await counts(app, { as: ada });
    server.freeze(true);
    expect((await counts(app, { as: ada })).statusCode).toBe(200);
    const startedAt = performance.now();
    for (let i = 0; i < 7; i++) expect((await counts(app, { as: ada })).statusCode).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(700);
    expect((await counts(app, { as: ada })).statusCode).toBe(429);
    server.freeze(false);
    await until(() => app.ctx.redis?.isUsable() ?? false);
    expect((await counts(app, { as: ada })).statusCode).toBe(429);
  });

  test('a server starts without the Redis that it is told of', async () => {
    const app = await start({ REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMIT_USER: '9/1m' });
    const ada = await app.signIn();
    expect((await counts(app, { as: ada })).statusCode).toBe(200);
    expect(await decided(app, 'user', 'memory', 'allowed')).toBe(1);
  });

  test('a session ended on one server is refused on the other, with Redis between them', async () => {
    const one = await start({ REDIS_URL: server.url });
    const two = await startTestApp({ REDIS_URL: server.url }, { database: one.database });
    const ada = await one.signIn();
    await until(async () => (await counts(two, { as: ada })).statusCode === 200);
    await counts(one, { as: ada });
    await one.call('POST', '/api/v1/logout', { as: ada });
    await until(async () => (await counts(two, { as: ada })).statusCode === 401, 1000);
    expect((await counts(one, { as: ada })).statusCode).toBe(401);
    await two.close();
  });
});
