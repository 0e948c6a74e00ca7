import bcrypt from 'bcrypt';
import { afterEach, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { createTestDatabase, setReachable, type TestDatabase } from '../harness/database.ts';
import { isRedisPresent, type RedisServer, startRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

const REPLICAS = 3;

let database: TestDatabase;
let redis: RedisServer | null = null;
let replicas: TestApp[] = [];

afterEach(async () => {
  for (const app of replicas.splice(0)) await app.close();
  await redis?.remove();
  redis = null;
  await database?.drop();
});

async function startReplicas(settings: Record<string, string> = {}): Promise<void> {
  database = await createTestDatabase();
  // So slow that nothing comes back while a test takes its time.
  const all = { RATE_LIMIT_AUTH: '5/1h', TRUSTED_PROXIES: '10.0.0.0/8', ...settings };
  replicas = await Promise.all(
    Array.from({ length: REPLICAS }, () => startTestApp(all, { database })),
  );
}

async function startWithRedis(): Promise<RedisServer> {
  redis = await startRedis();
  await startReplicas({ REDIS_URL: redis.url });
  return redis;
}

function guess(i: number, email: string, remoteAddress: string) {
  const body = { email, password: 'wrong' };
  const app = replicas[i % REPLICAS] as TestApp;
  return app.call('POST', '/api/v1/login', { body, remoteAddress });
}

/** How many of 100 guesses at once, spread over the servers, were compared, and how they were answered. */
async function attack(one: (i: number) => ReturnType<typeof guess>) {
  const compare = vi.spyOn(bcrypt, 'compare');
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => one(i)));
  const comparisons = compare.mock.calls.length;
  compare.mockRestore();
  const of = (status: number) => answers.filter(({ statusCode }) => statusCode === status).length;
  return { comparisons, wrong: of(401), limited: of(429) };
}

async function emailOfSomebody(): Promise<string> {
  return (await (replicas[0] as TestApp).addAccount()).email;
}

function decidedByPostgres(): number {
  const of = (outcome: string) => ({ rule: 'account', store: 'postgres', outcome });
  const counts = replicas.flatMap(({ ctx: { metrics } }) =>
    ['allowed', 'refused'].map((outcome) => metrics.rateDecisions.of(of(outcome)).value),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** An account of whose empty bucket every server has heard from Redis, which a busy machine may delay. */
async function emailWithoutGuessesLeft(): Promise<string> {
  for (;;) {
    await until(() => replicas.every(({ ctx }) => ctx.redis?.isUsable()));
    const email = await emailOfSomebody();
    const before = decidedByPostgres();
    for (let i = 0; i < 9; i++) await guess(i, email, `192.0.2.${i}`);
    if (decidedByPostgres() === before) return email;
  }
}

const STORES: [string, () => Promise<unknown>][] = [['PostgreSQL', () => startReplicas()]];
if (isRedisPresent) STORES.push(['Redis', startWithRedis]);

test.each(STORES)(
  '%s › 100 guesses at once from one address at three servers cost five comparisons',
  async (_name, start) => {
    await start();
    const outcome = await attack((i) => guess(i, `victim-${i}@example.org`, '192.0.2.1'));
    expect(outcome).toEqual({ comparisons: 5, wrong: 5, limited: 95 });
  },
);

test.each(STORES)(
  '%s › 100 guesses at once at one account, from as many addresses, cost five comparisons',
  async (_name, start) => {
    await start();
    const email = await emailOfSomebody();
    const outcome = await attack((i) => guess(i, email, `192.0.2.${i}`));
    expect(outcome).toEqual({ comparisons: 5, wrong: 5, limited: 95 });
  },
);

test.runIf(isRedisPresent).each([
  ['killed', (server: RedisServer) => server.kill()],
  ['frozen', (server: RedisServer) => server.freeze(true)],
] as const)('a Redis that is %s gives no guesses back', async (_name, takeAway) => {
  const server = await startWithRedis();
  const email = await emailWithoutGuessesLeft();
  await takeAway(server);
  const outcome = await attack((i) => guess(i, email, `192.0.2.${i + 10}`));
  expect(outcome).toEqual({ comparisons: 0, wrong: 0, limited: 100 });
});

test.runIf(isRedisPresent)('a Redis that comes back empty gives no guesses back', async () => {
  const server = await startWithRedis();
  const email = await emailWithoutGuessesLeft();
  await server.kill();
  await server.start();
  await until(() => replicas.every(({ ctx }) => ctx.redis?.isUsable()));
  const outcome = await attack((i) => guess(i, email, `192.0.2.${i + 10}`));
  expect(outcome).toEqual({ comparisons: 0, wrong: 0, limited: 100 });
});

test.runIf(isRedisPresent)(
  'with neither Redis nor a database a guess is 503, and none is compared',
  async () => {
    const server = await startWithRedis();
    const email = await emailOfSomebody();
    await server.kill();
    await setReachable(database, false);
    const compare = vi.spyOn(bcrypt, 'compare');
    const answer = await guess(0, email, '192.0.2.1');
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'database.unavailable']);
    expect(compare).not.toHaveBeenCalled();
    compare.mockRestore();
    await setReachable(database, true);
  },
);
