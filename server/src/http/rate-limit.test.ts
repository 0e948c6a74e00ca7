import { afterEach, expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../test/harness/accounts.ts';
import { startTestApp, type TestApp } from '../../test/harness/app.ts';

const open: TestApp[] = [];

afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function start(settings: Record<string, string>): Promise<TestApp> {
  const app = await startTestApp(settings);
  open.push(app);
  return app;
}

function refresh(app: TestApp, remoteAddress: string, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return app.call('POST', '/api/v1/refresh', { remoteAddress, headers });
}

function login(app: TestApp, email: string, remoteAddress = '192.0.2.1', headers = {}) {
  const body = { email, password: 'wrong' };
  return app.call('POST', '/api/v1/login', { body, remoteAddress, headers });
}

test('every limited answer says the policy and what is left; the one too many is 429 with Retry-After', async () => {
  const app = await start({ RATE_LIMIT_DEFAULT: '3/1m' });
  const left: string[] = [];
  for (let i = 0; i < 3; i++) {
    const answer = await refresh(app, '192.0.2.1');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['ratelimit-policy']).toBe('"address";q=3;w=60');
    left.push(String(answer.headers.ratelimit));
  }
  expect(left.map((text) => text.replace(/t=\d+$/, ''))).toEqual(
    [2, 1, 0].map((r) => `"address";r=${r};`),
  );
  const refused = await refresh(app, '192.0.2.1');
  expect(refused.statusCode).toBe(429);
  expect(refused.json().code).toBe('rate.limited');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(19);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(20);
  expect(refused.headers.ratelimit).toMatch(/^"address";r=0;t=(19|20)$/);
});

test('a request draws from one bucket alone: user, address or sign-in', async () => {
  const app = await start({
    RATE_LIMIT_DEFAULT: '2/1m',
    RATE_LIMIT_AUTH: '2/1m',
    RATE_LIMIT_USER: '2/1m',
  });
  const [ada, bob] = [await app.signIn(), await app.signIn()];
  const list = (as = ada) =>
    app.call('GET', '/api/v1/tasks/counts', { as, remoteAddress: '192.0.2.1' });
  const first = await list();
  expect(first.headers['ratelimit-policy']).toBe('"user";q=2;w=60');
  expect([(await list()).statusCode, (await list()).statusCode]).toEqual([200, 429]);
  expect((await list(bob)).statusCode).toBe(200);
  const signIn = await login(app, 'a@example.org');
  expect(signIn.headers.ratelimit).toMatch(/^"sign-in";r=1;/);
  expect((await refresh(app, '192.0.2.1')).headers.ratelimit).toMatch(/^"address";r=1;/);
});

test('without a valid token a request draws from the bucket of its address', async () => {
  const app = await start({ RATE_LIMIT_DEFAULT: '3/1m' });
  const guess = (headers = {}) =>
    app.call('GET', '/api/v1/tasks', { headers, remoteAddress: '192.0.2.7' });
  const statuses = [];
  for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: 'Basic x' }, {}]) {
    statuses.push((await guess(headers)).statusCode);
  }
  expect(statuses).toEqual([401, 401, 401, 429]);
  const ada = await app.signIn();
  const read = await app.call('GET', '/api/v1/tasks', { as: ada, remoteAddress: '192.0.2.7' });
  expect(read.statusCode).toBe(200);
});

test('five sign-ins a minute from one address, whether they succeed or not', async () => {
  const app = await start({ RATE_LIMIT_AUTH: '5/1m' });
  const statuses = [];
  for (let i = 0; i < 6; i++) {
    const { email } = await app.addAccount();
    const body = { email, password: TEST_PASSWORD };
    statuses.push((await app.call('POST', '/api/v1/login', { body })).statusCode);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

test('five attempts a minute on one account, from however many addresses and however it is written', async () => {
  const app = await start({ RATE_LIMIT_AUTH: '5/1m' });
  const { email } = await app.addAccount();
  const statuses = [];
  for (let i = 0; i < 6; i++) {
    const spelling = i % 2 ? ` ${email.toUpperCase()}` : email;
    statuses.push((await login(app, spelling, `192.0.2.${i}`)).statusCode);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  expect((await login(app, 'other@example.org', '192.0.2.9')).statusCode).toBe(401);
});

test('one IPv6 customer, who has a whole /64, is one client; IPv4-mapped is the IPv4 client', async () => {
  const app = await start({ RATE_LIMIT_DEFAULT: '2/1m' });
  const statuses = async (addresses: string[]) => {
    const all = [];
    for (const address of addresses) all.push((await refresh(app, address)).statusCode);
    return all;
  };
  expect(await statuses(['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:db8:1:2:9::9'])).toEqual([
    401, 401, 429,
  ]);
  expect(await statuses(['2001:db8:1:3::1'])).toEqual([401]);
  expect(await statuses(['192.0.2.5', '::ffff:192.0.2.5', '192.0.2.5'])).toEqual([401, 401, 429]);
});

test('X-Forwarded-For of somebody who is no trusted proxy changes nothing', async () => {
  const app = await start({ RATE_LIMIT_DEFAULT: '3/1m', TRUSTED_PROXIES: '10.0.0.0/8' });
  const statuses = [];
  for (let i = 0; i < 4; i++) {
    statuses.push((await refresh(app, '192.0.2.1', `198.51.100.${i}`)).statusCode);
  }
  expect(statuses).toEqual([401, 401, 401, 429]);
});

test('behind a trusted proxy the last address that it did not make up counts', async () => {
  const app = await start({ RATE_LIMIT_DEFAULT: '2/1m', TRUSTED_PROXIES: '10.0.0.0/8, ::1' });
  const via = async (forwarded: string) => (await refresh(app, '10.0.0.1', forwarded)).statusCode;
  expect([await via('198.51.100.1'), await via('1.1.1.1, 198.51.100.1')]).toEqual([401, 401]);
  expect(await via('2.2.2.2, 198.51.100.1, 10.9.9.9')).toBe(429);
  expect(await via('198.51.100.2')).toBe(401);
});

test('X-Forwarded-For of any kind through a trusted proxy neither fails nor lifts the limit', async () => {
  const kinds = {
    name: 'a',
    empty: '',
    comma: ',',
    mapped: '::ffff:1.2.3.4',
    impossible: '999.1.1.1',
    withPort: '1.2.3.5:5678',
    bracketed: '[::1]:80',
    long: 'x'.repeat(5000),
    many: '1.1.1.1,'.repeat(600),
    injection: "' or 1=1",
    loopback: '127.0.0.1',
  };
  const app = await start({ RATE_LIMIT_DEFAULT: '2/1m', TRUSTED_PROXIES: '10.0.0.1' });
  for (const [kind, forwarded] of Object.entries(kinds)) {
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await refresh(app, '10.0.0.1', forwarded)).statusCode);
    }
    expect([kind, statuses.at(-1)]).toEqual([kind, 429]);
    expect([401, 429]).toContain(statuses[0]);
  }
});

test('probes are not limited', async () => {
  const app = await start({ RATE_LIMIT_DEFAULT: '1/1m' });
  for (const path of ['/health', '/ready', '/health', '/ready']) {
    const answer = await app.call('GET', path);
    expect([path, answer.statusCode, answer.headers.ratelimit]).toEqual([path, 200, undefined]);
  }
});
