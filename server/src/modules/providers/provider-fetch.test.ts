import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { limitedFetch } from './provider-fetch.ts';

const fetchLimited = limitedFetch(fetch);
const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test('an answer arrives as it was sent', async () => {
  const url = await serve((_, response) => {
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"a":1}');
  });
  const response = await fetchLimited(url, {});
  expect(response.status).toBe(201);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ a: 1 });
});

test('a redirect is not followed', async () => {
  let followed = 0;
  const target = await serve((_, response) => {
    followed += 1;
    response.end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const url = await serve((_, response) =>
      response.writeHead(status, { location: target }).end(),
    );
    await expect(fetchLimited(url, {})).rejects.toMatchObject({ reason: 'redirect' });
  }
  expect(followed).toBe(0);
});

test.each([500, 502, 503, 429])('status %i means that the provider is away', async (status) => {
  const url = await serve((_, response) => response.writeHead(status).end('{"error":"x"}'));
  await expect(fetchLimited(url, {})).rejects.toMatchObject({
    name: 'Unreachable',
    reason: `status_${status}`,
  });
});

test('more than 1 MB is not read', async () => {
  let sent = 0;
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (!response.destroyed && sent < 100_000_000) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536, 32))) return response.once('drain', more);
      }
      return response.end();
    };
    more();
  });
  await expect(fetchLimited(url, {})).rejects.toMatchObject({
    name: 'BadAnswer',
    reason: 'too_large',
  });
  expect(sent).toBeLessThan(20_000_000);
});

test('more than 1 MB is not read out of a little', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000)));
  });
  await expect(fetchLimited(url, {})).rejects.toMatchObject({ reason: 'too_large' });
});

test('an answer that does not come, or not to its end, is not waited for', async () => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    expect(ms).toBe(5000);
    return timeout(50);
  });
  const silent = await serve(() => undefined);
  const slow = await serve((_, response) => void response.writeHead(200).write('{'));
  for (const url of [silent, slow]) {
    await expect(fetchLimited(url, {})).rejects.toMatchObject({
      name: 'Unreachable',
      reason: 'timeout',
    });
  }
});

test('nobody there is told apart from a bad answer', async () => {
  const url = await serve(() => undefined);
  servers.pop()?.close();
  await expect(fetchLimited(url, {})).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
  const cut = await serve((request) => void request.socket.destroy());
  await expect(fetchLimited(cut, {})).rejects.toMatchObject({ name: 'Unreachable' });
});

test.each(['http://login.example.org/', 'ftp://127.0.0.1/', 'file:///etc/passwd'])(
  '%s is not asked',
  async (url) => {
    const asked = vi.fn();
    await expect(limitedFetch(asked)(url, {})).rejects.toMatchObject({
      reason: 'insecure_address',
    });
    expect(asked).not.toHaveBeenCalled();
  },
);
