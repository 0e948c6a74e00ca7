import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { addAccount, TEST_PASSWORD } from '../harness/accounts.ts';
import { isNginxPresent } from '../harness/nginx.ts';
import { isRedisPresent, type RedisServer, startRedis } from '../harness/redis.ts';
import { type Replicas, startReplicas } from '../harness/replicas.ts';

/** The promise: an account that has lost something has lost it everywhere within a second. */
const PROMISED_MS = 1000;
/** Nothing may come back afterwards, while caches are filled again. */
const WATCHED_MS = 1500;
const REPLICAS = 3;
const COUNTS = '/api/v1/tasks/counts';
const GENEROUS = { RATE_LIMIT_DEFAULT: '100000/1m', RATE_LIMIT_USER: '100000/1m' };

interface Person {
  id: string;
  email: string;
  accessToken: string;
  cookie: string;
}

let replicas: Replicas;
let owner: pg.Client;
let administrator: Person;

let addressCount = 0;

/** Everybody comes from an address of their own, so that only the account's limit is met. */
function newAddress(): string {
  addressCount += 1;
  return `198.18.${addressCount >> 8}.${addressCount & 255}`;
}

async function signIn(account: { id: string; email: string }): Promise<Person> {
  const answer = await fetch(`${replicas.url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': newAddress() },
    body: JSON.stringify({ email: account.email, password: TEST_PASSWORD }),
  });
  expect(answer.status).toBe(200);
  const { access_token: accessToken } = (await answer.json()) as { access_token: string };
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  return { ...account, accessToken, cookie };
}

async function call(
  as: Person,
  method: string,
  path: string,
  body?: object,
  base = replicas.url,
): Promise<{ status: number; code: string | undefined }> {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${as.accessToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const code = text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined;
  return { status: answer.status, code };
}

async function refresh({ cookie }: Person): Promise<number> {
  const url = `${replicas.url}/api/v1/refresh`;
  return (await fetch(url, { method: 'POST', headers: { cookie } })).status;
}

async function guess(email: string): Promise<number> {
  const answer = await fetch(`${replicas.url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': newAddress() },
    body: JSON.stringify({ email, password: 'a wrong guess' }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Has every replica answer until it remembers the session. */
async function warmUp(as: Person, path: string): Promise<void> {
  for (const base of replicas.urls) {
    for (let i = 0; i < 3; i++)
      expect((await call(as, 'GET', path, undefined, base)).status).toBe(200);
  }
}

/** Asks every replica without a pause: refused with `code` within the second, and nothing afterwards. */
async function expectRefusedEverywhere(as: Person, path: string, code: string): Promise<void> {
  const startedAt = performance.now();
  const refusedAfterMs = await Promise.all(
    replicas.urls.map(async (base) => {
      let firstMs = Number.POSITIVE_INFINITY;
      while (performance.now() - startedAt < PROMISED_MS + WATCHED_MS) {
        const answer = await call(as, 'GET', path, undefined, base);
        const elapsedMs = performance.now() - startedAt;
        if (answer.status === 401 && answer.code === code) firstMs = Math.min(firstMs, elapsedMs);
        // Under way at the end of the second, an answer may still be the old one.
        else if (firstMs < elapsedMs - 200) throw new Error(`${base} took it back: ${answer.code}`);
      }
      return firstMs;
    }),
  );
  for (const ms of refusedAfterMs) expect(ms).toBeLessThan(PROMISED_MS);
}

/** What may happen to an account, and what its old access token is answered with. */
const CHANGES: [string, (person: Person) => Promise<{ status: number }>, string, string][] = [
  ['logout', (person) => call(person, 'POST', '/api/v1/logout'), COUNTS, 'session.invalid'],
  [
    'a new password elsewhere',
    async (person) => {
      const other = await signIn(person);
      const passwords = {
        current_password: TEST_PASSWORD,
        new_password: 'violet umbrella 71 rain',
      };
      return call(other, 'PUT', '/api/v1/users/me/password', passwords);
    },
    COUNTS,
    'session.invalid',
  ],
  [
    'being disabled',
    ({ id }) => call(administrator, 'PATCH', `/api/v1/admin/users/${id}`, { status: 'disabled' }),
    COUNTS,
    'session.invalid',
  ],
  [
    'being deleted',
    ({ id }) => call(administrator, 'DELETE', `/api/v1/admin/users/${id}`),
    COUNTS,
    'session.invalid',
  ],
  [
    'a role withdrawn',
    ({ id }) => call(administrator, 'PATCH', `/api/v1/admin/users/${id}`, { roles: ['user'] }),
    '/api/v1/admin/users',
    'token.stale',
  ],
];

describe.runIf(isNginxPresent && isRedisPresent).each([
  ['three replicas without Redis', false],
  ['three replicas with Redis', true],
] as const)('%s', (_title, hasRedis) => {
  let redis: RedisServer | null = null;

  beforeAll(async () => {
    redis = hasRedis ? await startRedis() : null;
    replicas = await startReplicas(REPLICAS, {
      ...GENEROUS,
      ...(redis && { REDIS_URL: redis.url }),
    });
    owner = await connectClient(replicas.database.owner);
    administrator = await signIn(await addAccount(owner, { roles: ['user', 'admin'] }));
  });

  afterAll(async () => {
    await owner?.end();
    await replicas?.stop();
    await redis?.remove();
  });

  test.each(CHANGES)(
    '%s is known to all within a second, and stays known',
    async (_name, change, path, code) => {
      const person = await signIn(await addAccount(owner, { roles: ['user', 'admin'] }));
      await warmUp(person, path);
      expect((await change(person)).status).toBeLessThan(300);
      await expectRefusedEverywhere(person, path, code);
      expect(await refresh(person)).toBe(code === 'token.stale' ? 200 : 401);
    },
  );

  test('100 wrong sign-ins at once, spread over all of them, cost five comparisons', async () => {
    const { email } = await addAccount(owner);
    const guesses = Array.from({ length: 100 }, () => guess(email));
    const statuses = (await Promise.all(guesses)).sort();
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(95).fill(429)]);
  });

  if (!hasRedis) return;
  // Four times it is watched for two and a half seconds; the rest is comparing passwords.
  test('all of that holds when Redis dies, hangs, and comes back empty', async () => {
    if (!redis) throw new Error('there is no Redis');
    const server = redis;
    const accidents = [
      () => server.kill(),
      () => server.start(),
      async () => server.freeze(true),
      async () => server.freeze(false),
    ];
    for (const accident of accidents) {
      const [before, after] = [
        await signIn(await addAccount(owner)),
        await signIn(await addAccount(owner)),
      ];
      await warmUp(before, COUNTS);
      await warmUp(after, COUNTS);
      await accident();
      await call(before, 'POST', '/api/v1/logout');
      await expectRefusedEverywhere(before, COUNTS, 'session.invalid');
      await warmUp(after, COUNTS);
      const { email } = await addAccount(owner);
      const statuses = await Promise.all(Array.from({ length: 30 }, () => guess(email)));
      expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    }
  }, 60_000);
});
