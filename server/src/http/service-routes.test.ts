import { expect, test } from 'vitest';
import { startTestApp, useTestApp } from '../../test/harness/app.ts';
import { endSessions, setReachable } from '../../test/harness/database.ts';
import { statementsOf } from '../../test/harness/statements.ts';
import { until } from '../../test/harness/until.ts';

const t = useTestApp();

test('GET /health › 200 with the time, and asks nothing of the database', async () => {
  const statements = await statementsOf(async () => {
    const answer = await t.call('GET', '/health');
    expect(answer.statusCode).toBe(200);
    expect(answer.json().status).toBe('ok');
    expect(Math.abs(Date.parse(answer.json().timestamp) - Date.now())).toBeLessThan(5000);
  });
  expect(statements).toEqual([]);
});

test('GET /ready › 200 with state and latency of the database, 503 while stopping', async () => {
  const ready = await t.call('GET', '/ready');
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({
    status: 'ready',
    dependencies: { database: { status: 'up' } },
  });
  expect(ready.json().dependencies.database.latency_ms).toBeGreaterThan(0);
  t.ctx.isStopping = true;
  const stopping = await t.call('GET', '/ready');
  t.ctx.isStopping = false;
  expect([stopping.statusCode, stopping.json().status]).toEqual([503, 'stopping']);
});

test('while the database is away nothing passes, /health answers, and afterwards the same process serves again', async () => {
  const app = await startTestApp();
  const ada = await app.signIn();
  await setReachable(app.database, false);
  const body = { email: 'x@example.org', password: 'a long password' };
  const attempts = [
    await app.call('GET', '/api/v1/tasks', { as: ada }),
    await app.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' } }),
    await app.call('POST', '/api/v1/login', { body }),
    await app.call('POST', '/api/v1/register', { body }),
  ];
  for (const answer of attempts) {
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'database.unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.body).not.toMatch(/ECONN|postgres|connection/i);
  }
  expect((await app.call('GET', '/ready')).statusCode).toBe(503);
  expect((await app.call('GET', '/health')).statusCode).toBe(200);
  await setReachable(app.database, true);
  await until(async () => (await app.call('GET', '/ready')).statusCode === 200);
  expect((await app.call('GET', '/api/v1/tasks', { as: ada })).statusCode).toBe(200);
  await app.close();
});

test('connections that the database ends cost no request', async () => {
  const ada = await t.signIn();
  await t.call('GET', '/api/v1/tasks', { as: ada });
  await endSessions(t.database);
  await until(() => t.ctx.db.stats().idle === 0);
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).statusCode).toBe(200);
});

test('GET /metrics › for the machine itself, by route and never by raw path', async () => {
  const ada = await t.signIn();
  await t.call('GET', '/api/v1/tasks/123456789', { as: ada });
  const answer = await t.call('GET', '/metrics');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.body).toMatch(
    /http_request_duration_seconds_bucket\{.*route="\/api\/v1\/tasks\/:id"/,
  );
  expect(answer.body).not.toContain('123456789');
  for (const name of [
    'docket_database_connections',
    'docket_sign_ins_total',
    'nodejs_eventloop_lag',
  ]) {
    expect(answer.body).toContain(name);
  }
  expect((await t.call('GET', '/metrics', { remoteAddress: '::1' })).statusCode).toBe(200);
  expect((await t.call('GET', '/metrics', { remoteAddress: '::ffff:127.0.0.1' })).statusCode).toBe(
    200,
  );
});

test('GET /metrics › 404 for another machine, or through a proxy', async () => {
  const outside = [
    { remoteAddress: '192.0.2.1' },
    { remoteAddress: '::ffff:192.0.2.1' },
    { headers: { 'x-forwarded-for': '127.0.0.1' } },
    { headers: { forwarded: 'for=127.0.0.1' } },
  ];
  for (const call of outside) {
    expect((await t.call('GET', '/metrics', call)).statusCode).toBe(404);
  }
});

test('GET /metrics › with METRICS_TOKEN for whoever has it and nobody else, wherever from', async () => {
  const token = 'metrics-token-of-24-chars';
  const app = await startTestApp({ METRICS_TOKEN: token });
  const get = async (authorization?: string, remoteAddress = '127.0.0.1') => {
    const headers = authorization === undefined ? {} : { authorization };
    return (await app.call('GET', '/metrics', { headers, remoteAddress })).statusCode;
  };
  expect(await get(`Bearer ${token}`, '192.0.2.1')).toBe(200);
  expect(await get()).toBe(401);
  for (const header of [`Bearer ${token}x`, `Bearer ${token.slice(1)}`, token, 'Bearer ']) {
    expect(await get(header)).toBe(401);
  }
  await app.close();
});

test('GET /.well-known/jwks.json › the public keys, for everybody, to be kept for a while', async () => {
  const answer = await t.call('GET', '/.well-known/jwks.json');
  expect(answer.json().keys).toHaveLength(1);
  expect(answer.json().keys[0].d).toBeUndefined();
  expect(answer.headers['cache-control']).toBe('public, max-age=300');
});

test('the description names what the gate refuses wherever there may be a body', async () => {
  const { paths } = (await t.call('GET', '/api/openapi.json')).json();
  expect(Object.keys(paths['/api/v1/login'].post.responses)).toEqual(
    expect.arrayContaining(['400', '413', '415']),
  );
  expect(Object.keys(paths['/metrics'].get.responses)).toEqual(['200', '401', '404']);
});

test('HEAD answers like GET without a body where GET is safe, and runs no other handler', async () => {
  for (const path of ['/health', '/ready', '/.well-known/jwks.json', '/api/openapi.json', '/']) {
    const answer = await t.call('HEAD', path);
    expect([path, answer.statusCode, answer.body]).toEqual([path, 200, '']);
  }
  const ada = await t.signIn();
  const statements = await statementsOf(async () => {
    expect((await t.call('HEAD', '/api/v1/tasks', { as: ada })).statusCode).toBe(404);
  });
  expect(statements).toEqual([]);
});
