import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestApp, useTestApp } from '../../test/harness/app.ts';

const t = useTestApp();
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const IS_BUILT = existsSync(join(import.meta.dirname, '../../../web/dist/index.html'));
/** Without a build the page says how to get one. */
const PAGE_STATUS = IS_BUILT ? 200 : 503;
const FRONT = 'https://front.example';

test('/ and every address that is nothing else is the web application for browsers', async () => {
  for (const path of ['/', '/dashboard', '/settings/profile', '/apiary', '/tasks/1']) {
    const answer = await t.call('GET', path, { headers: HTML });
    expect([path, answer.statusCode]).toEqual([path, PAGE_STATUS]);
    if (IS_BUILT) expect(answer.headers['content-type']).toMatch(/^text\/html/);
  }
});

test('/ says name, version and where the documentation is to everybody else', async () => {
  for (const headers of [{}, { accept: 'application/json' }, { accept: '*/*' }]) {
    const answer = await t.call('GET', '/', { headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      name: 'docket',
      version: expect.any(String),
      docs: '/api/docs',
    });
  }
});

test.each(['/api', '/api/', '/api/v1', '/api/v1/nothing', '/api/v2/projects', '/api//x'])(
  'GET %s › an unknown path under /api is a 404 problem, never the page',
  async (path) => {
    const answer = await t.call('GET', path, { headers: HTML });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      404,
      'application/problem+json',
    ]);
    expect(answer.json().code).toBe('route.not_found');
  },
);

test('other methods on unknown paths are 404 problems too', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    for (const path of ['/', '/dashboard', '/api/v1/nothing']) {
      const answer = await t.call(method, path, { headers: HTML });
      expect([method, path, answer.statusCode]).toEqual([method, path, 404]);
      expect(answer.headers['content-type']).toBe('application/problem+json');
    }
  }
});

test.each([
  '/../package.json',
  '/..%2fpackage.json',
  '/assets/..%2f..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/%5c..%5cpackage.json',
  '/.env',
  '/index.html%00.js',
  '/nothing.js',
])('GET %s › no file from outside the built application', async (path) => {
  const answer = await t.call('GET', path, { headers: HTML });
  expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  expect(answer.statusCode).toBeLessThan(500);
  expect(answer.body).not.toContain('workspaces');
});

test('data may do nothing in a browser; the page loads from here alone and runs nothing inline', async () => {
  const data = await t.call('GET', '/api/v1/tasks');
  expect(data.headers).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  const page = await t.call('GET', '/', { headers: HTML });
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(page.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': expect.stringContaining('camera=()'),
  });
});

test('the page has no inline script or style, and its assets are kept for ever', async () => {
  const page = await t.call('GET', '/', { headers: HTML });
  expect(page.statusCode).toBe(PAGE_STATUS);
  if (!IS_BUILT) return;
  expect(page.headers['cache-control']).toBe('no-cache');
  expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|javascript:/i);
  const asset = /(?:src|href)="(\/assets\/[^"]+)"/.exec(page.body)?.[1] ?? '';
  const answer = await t.call('GET', asset);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('HSTS is sent where people come by https, and not in development', async () => {
  const settings = { PUBLIC_URL: 'https://tasks.example.org' };
  const production = {
    ...settings,
    PROFILE: 'production',
    SECRET_KEY: 'x'.repeat(32),
    DATABASE_URL: 'embedded',
    RATE_LIMIT_DEFAULT: '100/1m',
    RATE_LIMIT_AUTH: '100/1m',
    RATE_LIMIT_USER: '100/1m',
  };
  const [dev, live] = [await startTestApp(settings), await startTestApp(production)];
  expect((await dev.call('GET', '/health')).headers['strict-transport-security']).toBeUndefined();
  const headers = (await live.call('GET', '/health')).headers;
  expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');

  const plain = { 'x-forwarded-proto': 'http' };
  const redirected = await live.call('GET', '/tasks?q=1', { headers: plain });
  expect([redirected.statusCode, redirected.headers.location]).toEqual([
    308,
    'https://tasks.example.org/tasks?q=1',
  ]);
  const refused = await live.call('POST', '/api/v1/login', { headers: plain, body: {} });
  expect([refused.statusCode, refused.json().code]).toEqual([403, 'transport.insecure']);
  for (const proto of ['HTTP', 'http, https']) {
    const headers = { 'x-forwarded-proto': proto };
    expect((await live.call('POST', '/api/v1/login', { headers })).statusCode).toBe(403);
  }
  const secure = await live.call('GET', '/api/v1/tasks', {
    headers: { 'x-forwarded-proto': 'https' },
  });
  expect(secure.statusCode).toBe(401);
  expect((await live.call('GET', '/health', { headers: plain })).statusCode).toBe(200);
  expect((await dev.call('GET', '/health', { headers: plain })).statusCode).toBe(200);
  await dev.close();
  await live.close();
});

test('CORS › without a list no other origin is allowed anything', async () => {
  const answer = await t.call('GET', '/health', { headers: { origin: FRONT } });
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  const preflight = await t.call('OPTIONS', '/api/v1/tasks', {
    headers: { origin: FRONT, 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
});

test('CORS › origins in the list and no others, with credentials, never *', async () => {
  const app = await startTestApp({ CORS_ORIGINS: `${FRONT}, https://second.example` });
  const get = (origin: string) => app.call('GET', '/api/v1/tasks', { headers: { origin } });
  const allowed = await get(FRONT);
  expect(allowed.statusCode).toBe(401);
  expect(allowed.headers).toMatchObject({
    'access-control-allow-origin': FRONT,
    'access-control-allow-credentials': 'true',
    vary: expect.stringMatching(/origin/i),
  });
  expect(allowed.headers['access-control-expose-headers']).toMatch(/etag.*x-request-id/);
  for (const origin of [
    'https://evil.example',
    `${FRONT}.evil.example`,
    'null',
    'http://front.example',
    `${FRONT}:444`,
  ]) {
    expect((await get(origin)).headers['access-control-allow-origin'], origin).toBeUndefined();
  }
  const preflight = await app.call('OPTIONS', '/api/v1/tasks', {
    headers: {
      origin: FRONT,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'if-match',
    },
  });
  expect(preflight.statusCode).toBe(204);
  expect(preflight.headers['access-control-allow-methods']).toContain('PATCH');
  expect(preflight.headers['access-control-allow-headers']).toContain('if-match');
  await app.close();
});

test('the documentation loads from this server alone', async () => {
  const page = await t.call('GET', '/api/docs/', { headers: HTML });
  expect(page.statusCode).toBe(200);
  expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  const description = (await t.call('GET', '/api/openapi.json')).json();
  expect(description.openapi).toBe('3.1.0');
  expect(description.components.securitySchemes.bearer.scheme).toBe('bearer');
});
