import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { useTestApp } from '../../test/harness/app.ts';

const t = useTestApp();
const UUID = '0198f0a0-0000-7000-8000-00000000000a';
const JSON_TYPE = { 'content-type': 'application/json' };

function post(
  as: Awaited<ReturnType<typeof t.signIn>>,
  raw: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
) {
  return t.call('POST', '/api/v1/tasks', { as, raw, headers });
}

test('refusals come in the order 401, 415 or 413, 400, 404, 412', async () => {
  const ada = await t.signIn();
  const big = JSON.stringify({ title: 'x'.repeat(1024 * 1024) });
  const wrongType = { 'content-type': 'text/plain', 'if-match': '"9"' };
  const url = '/api/v1/tasks/12345';
  expect((await t.call('PUT', url, { raw: big, headers: wrongType })).statusCode).toBe(401);
  expect((await t.call('PUT', url, { raw: big, headers: JSON_TYPE })).statusCode).toBe(401);
  expect((await t.call('PUT', url, { raw: '{', headers: JSON_TYPE })).statusCode).toBe(401);
  expect((await t.call('PUT', url, { as: ada, raw: big, headers: wrongType })).statusCode).toBe(
    415,
  );
  expect((await t.call('PUT', url, { as: ada, raw: big, headers: JSON_TYPE })).statusCode).toBe(
    413,
  );
  expect(
    (await t.call('PUT', url, { as: ada, body: { title: 1 }, headers: { 'if-match': '"9"' } }))
      .statusCode,
  ).toBe(400);
  const body = { title: 'x', description: null, status: 'pending' };
  expect(
    (await t.call('PUT', url, { as: ada, body, headers: { 'if-match': '"9"' } })).statusCode,
  ).toBe(404);
  const { id } = (await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' } })).json();
  const stale = await t.call('PUT', `/api/v1/tasks/${id}`, {
    as: ada,
    body,
    headers: { 'if-match': '"9"' },
  });
  expect(stale.statusCode).toBe(412);
});

test.each([
  'application/json',
  'APPLICATION/JSON',
  'application/json;charset=utf-8',
  'application/json ; charset="UTF-8"',
])('%s is JSON', async (type) => {
  const answer = await post(await t.signIn(), '{"title":"x"}', { 'content-type': type });
  expect(answer.statusCode).toBe(201);
});

test.each([
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; garbage',
  'application/json; charset=latin1',
  'application/json; charset=utf-8; charset=utf-8',
  'application/json; charset=utf-8; boundary=x',
  'application/json, text/plain',
  'application/jsonx',
  'application/problem+json',
  'json',
  'APPLICATION/JSON; X=Y',
])('%s is 415', async (type) => {
  const ada = await t.signIn();
  const answer = await post(ada, '{"title":"x"}', { 'content-type': type });
  expect([answer.statusCode, answer.json().code]).toEqual([415, 'request.unsupported_media_type']);
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).json().items).toEqual([]);
});

test('a body without a media type is 415', async () => {
  expect((await post(await t.signIn(), '{"title":"x"}', {})).statusCode).toBe(415);
});

test('a body of one MiB is read, one byte more is 413', async () => {
  const ada = await t.signIn();
  const frame = '{"title":"x"}';
  const exact = frame + ' '.repeat(1024 * 1024 - frame.length);
  expect((await post(ada, exact)).statusCode).toBe(201);
  const more = await post(ada, `${exact} `);
  expect([more.statusCode, more.json().code]).toEqual([413, 'request.too_large']);
});

test.each([
  ['a broken object', '{"title":'],
  ['a comment', '{"title":"x"} // y'],
  ['only white space', '   '],
  ['__proto__', '{"title":"x","__proto__":{"admin":true}}'],
  ['__proto__ in escapes', '{"title":"x","__pr\\u006fto__":{"admin":true}}'],
  ['constructor.prototype', '{"title":"x","constructor":{"prototype":{"admin":true}}}'],
  ['NaN', '{"title":NaN}'],
])('%s is 400 and pollutes nothing', async (_name, raw) => {
  const answer = await post(await t.signIn(), raw);
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.malformed']);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test.each(['null', '[]', '"text"', '1', 'true', ''])(
  'a body that is %j instead of an object is 400',
  async (raw) => {
    const answer = await post(await t.signIn(), raw);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid']);
  },
);

test('at most 20 errors are reported, each field once', async () => {
  const body = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`field${i}`, i]));
  const answer = await t.call('POST', '/api/v1/tasks', { as: await t.signIn(), body });
  const pointers = answer.json().errors.map((error: { pointer: string }) => error.pointer);
  expect(answer.statusCode).toBe(400);
  expect(pointers).toHaveLength(20);
  expect(new Set(pointers).size).toBe(20);
});

test('a pointer escapes what RFC 6901 says', async () => {
  const body = { title: 'x', 'a/b~c': 1 };
  const answer = await t.call('POST', '/api/v1/tasks', { as: await t.signIn(), body });
  expect(answer.json().errors[0].pointer).toBe('/a~1b~0c');
});

test('a problem has the shape of RFC 9457 and names the request', async () => {
  const answer = await t.call('GET', '/api/v1/tasks/1', { as: await t.signIn() });
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json()).toEqual({
    type: 'urn:docket:problem:task.not_found',
    title: 'There is no such task.',
    status: 404,
    detail: 'There is no such task.',
    instance: `urn:uuid:${answer.headers['x-request-id']}`,
    code: 'task.not_found',
  });
});

test("every answer carries X-Request-Id: the request's own where it is a UUID, else a new one", async () => {
  const ids = async (given?: string) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };
    const answers = await Promise.all(
      ['/health', '/api/v1/tasks', '/api/nothing', '/nothing', '/api/docs'].map((url) =>
        t.call('GET', url, { headers }),
      ),
    );
    return answers.map((answer) => String(answer.headers['x-request-id']));
  };
  expect(new Set(await ids(UUID))).toEqual(new Set([UUID]));
  for (const given of [undefined, 'x', `${UUID}x`, "<script>'", 'x'.repeat(1000)]) {
    const made = await ids(given);
    expect(new Set(made).size).toBe(made.length);
    for (const id of made) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  }
});

test('a foreign id and one that never existed give the same bytes', async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  const { id } = (
    await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'secret' } })
  ).json();
  const headers = { 'x-request-id': UUID };
  const answers = await Promise.all(
    [id, 987654321, 'malformed'].map((it) =>
      t.call('GET', `/api/v1/tasks/${it}`, { as: bob, headers }),
    ),
  );
  const seen = answers.map((answer) => {
    const { date: _, ...rest } = answer.headers;
    return JSON.stringify([answer.statusCode, rest, answer.body]);
  });
  expect(new Set(seen).size).toBe(1);
  expect(answers[0]?.statusCode).toBe(404);
});

test('a defect answers 500 without internals', async () => {
  const ada = await t.signIn();
  await t.owner.query('ALTER TABLE task_counts RENAME TO elsewhere');
  const answer = await t.call('GET', '/api/v1/tasks/counts', { as: ada });
  await t.owner.query('ALTER TABLE elsewhere RENAME TO task_counts');
  expect([answer.statusCode, answer.json().code]).toEqual([500, 'server.error']);
  expect(answer.body).not.toMatch(/task_counts|relation|select|\.ts/i);
});

test('a bearer token is recognised whatever the case of its scheme; other schemes are no token', async () => {
  const ada = await t.signIn();
  const call = async (authorization: string) =>
    (await t.call('GET', '/api/v1/users/me', { headers: { authorization } })).json().code;
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    expect(await call(`${scheme} ${ada.accessToken}`)).toBeUndefined();
  }
  for (const header of [
    '',
    'Bearer',
    'Bearer ',
    ada.accessToken,
    `Basic ${ada.accessToken}`,
    `Bearer ${ada.accessToken} x`,
  ]) {
    expect(await call(header), header).toBe('token.invalid');
  }
});

test('401 always comes with WWW-Authenticate and says what is wrong with a token', async () => {
  const get = (headers = {}) => t.call('GET', '/api/v1/users/me', { headers });
  const missing = await get();
  expect([missing.json().code, missing.headers['www-authenticate']]).toEqual([
    'token.missing',
    'Bearer realm="docket"',
  ]);
  const bad = await get({ authorization: 'Bearer x' });
  expect(bad.headers['www-authenticate']).toBe('Bearer realm="docket", error="invalid_token"');
});

test('a body that is not UTF-8 is 400 instead of being stored as something else', async () => {
  const ada = await t.signIn();
  const body = Buffer.concat([
    Buffer.from('{"title":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ]);
  const answer = await post(ada, body);
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.malformed']);
});

test('an id of any length is answered like an absent one', async () => {
  const ada = await t.signIn();
  const url = `/api/v1/tasks/${'9'.repeat(4000)}`;
  expect((await t.call('GET', url)).statusCode).toBe(401);
  const answer = await t.call('GET', url, { as: ada });
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'task.not_found']);
});

test.each([
  ['GET /health HTTP/1.1\r\nbad header\r\n\r\n', 400],
  [`GET /health HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
])('what the parser cannot read is answered by a problem (%#)', async (text, status) => {
  await t.app.listen({ host: '127.0.0.1', port: 0 }).catch(() => undefined);
  const { port } = t.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').end(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain('content-type: application/problem+json');
  const id = /x-request-id: (\S+)/.exec(head)?.[1];
  expect(JSON.parse(body)).toMatchObject({ status, instance: `urn:uuid:${id}` });
});
