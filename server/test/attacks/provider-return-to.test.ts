import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { AppBrowser, useProviderApp } from '../harness/provider-app.ts';

const t = useProviderApp();
const ADA = { email: 'ada@example.org', subject: 'ada' };

async function endOf(returnTo: string) {
  const browser = new AppBrowser(t);
  const query = `?${new URLSearchParams({ return_to: returnTo })}`;
  const address = await browser.begin('oidc', query);
  const callback = await browser.atProvider(address, ADA);
  return browser.go('GET', callback.pathname + callback.search);
}

test.each(['/', '/?show=all', '/settings/security', '/?q=%2F%2Fevil.example#x', '/tasks/5'])(
  'the person comes back to %s',
  async (path) => {
    expect((await endOf(path)).headers.location).toBe(path);
  },
);

const ELSEWHERE = [
  'https://evil.example',
  'HTTPS://evil.example/',
  'http:evil.example',
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  '/./\\evil.example',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'evil.example',
  '@evil.example',
  ':80@evil.example/',
  '?x',
  '#x',
  '',
  '/api/v1/auth/oidc',
  '/api/v1/auth/oidc?return_to=/api/v1/auth/oidc',
  '/API/v1/auth/oidc',
  '/./api/v1/logout',
  '/x/../api/v1/auth/oidc',
  '/%2e%2e/api/v1/auth/oidc',
  '/api',
  '/login',
  '/login/problem?code=provider.cancelled',
  '/login?provider=oidc',
  '/\r\nSet-Cookie: docket_refresh=evil',
  '/\0',
  '/\u2028/evil.example',
  '/\u0085/evil.example',
];

test.each(ELSEWHERE)('never elsewhere: %j', async (returnTo) => {
  const answer = await endOf(returnTo);
  const { location } = answer.headers;
  expect(answer.statusCode).toBe(302);
  const url = new URL(String(location), 'http://localhost:3000');
  expect(url.origin).toBe('http://localhost:3000');
  expect(url.href).not.toMatch(/^http:\/\/localhost:3000(\/api|\/login|\/\/|\/\\)/i);
  expect(String(location)).not.toMatch(/[\r\n\t\0\\]/);
  expect(answer.cookies.map(({ name }) => name)).toEqual(['docket_refresh']);
});

test.each([
  '/%0d%0aSet-Cookie:%20docket_refresh=evil',
  '/%5Cevil.example',
  '/%2F%2Fevil.example',
  '/%00',
])('what is escaped stays escaped: %s', async (returnTo) => {
  const answer = await endOf(returnTo);
  const { location } = answer.headers;
  expect([returnTo, '/']).toContain(location);
  expect(answer.cookies.map(({ name }) => name)).toEqual(['docket_refresh']);
});

test.each([
  ['10 kB', `?return_to=/${'x'.repeat(10_000)}`],
  ['two of them', '?return_to=/a&return_to=//evil.example'],
  ['an object', '?return_to[x]=/a'],
])('%s is no place to return to, and begins nothing', async (_, query) => {
  const before = (await t.owner.query('SELECT 1 FROM provider_flows')).rowCount;
  const answer = await new AppBrowser(t).go('GET', `/api/v1/auth/oidc${query}`);
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid']);
  expect((await t.owner.query('SELECT 1 FROM provider_flows')).rowCount).toBe(before);
});

test('the callback takes no place to return to', async () => {
  const browser = new AppBrowser(t);
  const callback = await browser.atProvider(await browser.begin(), ADA);
  callback.searchParams.set('return_to', '//evil.example');
  expect(await browser.comeBack(callback)).not.toContain('evil');
});

test('a forged host leads nobody elsewhere', async () => {
  for (const host of [
    'evil.example',
    'localhost:3000.evil.example',
    'localhost:3000@evil.example',
  ]) {
    const answer = await t.call('GET', '/api/v1/auth/oidc', {
      headers: { host, 'x-forwarded-host': host, forwarded: `host=${host}` },
    });
    expect(String(answer.headers.location ?? '')).not.toContain('evil');
    expect(answer.cookies).toEqual([]);
  }
  const led = await t.call('GET', '/api/v1/auth/oidc?at_public_url=true', {
    headers: { host: 'evil.example' },
  });
  const asked = new URL(String(led.headers.location));
  expect(asked.searchParams.get('redirect_uri')).toBe(
    'http://localhost:3000/api/v1/auth/oidc/callback',
  );
});

/** Sends a request as no browser does; answers the head of the answer. */
async function send(request: string): Promise<string> {
  await t.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = t.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.end(request);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text.split('\r\n\r\n', 1)[0] ?? '';
}

test('nor does a request that names another host in its first line', async () => {
  const lines = ['GET http://evil.example/api/v1/auth/oidc HTTP/1.1', 'Host: evil.example'];
  const head = await send([...lines, 'Connection: close', '', ''].join('\r\n'));
  expect(head).toMatch(/^HTTP\/1\.1 \d/);
  expect(head).not.toMatch(/^location:.*evil/im);
});
