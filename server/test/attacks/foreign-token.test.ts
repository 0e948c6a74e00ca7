import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { FRONT_END_SECRET } from '../harness/front-end.ts';

const SECRET = new TextEncoder().encode(FRONT_END_SECRET);
const AGE_SECONDS = 15 * 60;
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();

let keys: JWK[];
let answer: 'keys' | 'redirect' | 'failure';
let asked = 0;
let server: Server;
let jwksUrl: string;
let t: TestApp;

beforeAll(async () => {
  keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }];
  answer = 'keys';
  server = createServer(({ url }, response) => {
    asked += 1;
    if (answer === 'failure') response.writeHead(500).end();
    else if (answer === 'redirect' && url !== '/moved') {
      response.writeHead(302, { location: '/moved' }).end();
    } else response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  t = await startForeign();
});
afterAll(async () => {
  await t?.close();
  server?.close();
});

function startForeign(settings: Record<string, string> = {}) {
  return startTestApp({
    BETTER_AUTH_SECRET: FRONT_END_SECRET,
    BETTER_AUTH_JWKS_URL: jwksUrl,
    FOREIGN_ISSUER: 'https://app.example',
    FOREIGN_AUDIENCE: 'docket',
    ...settings,
  });
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function claims(changes: Record<string, unknown> = {}) {
  const now = nowSeconds();
  const good = { iss: 'https://app.example', aud: 'docket', sub: 'ada', iat: now };
  return { ...good, exp: now + AGE_SECONDS, ...changes };
}

/** Any header and payload, signed with a secret whatever the header says. */
function sealed(header: object, payload: unknown, secret: Uint8Array | string = SECRET): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode(header)}.${encode(payload)}`;
  const name = String((header as { alg?: unknown }).alg).replace('HS', 'sha');
  const hash = /^sha(256|384|512)$/.test(name) ? name : 'sha256';
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

const hs256 = (changes?: Record<string, unknown>) => sealed({ alg: 'HS256' }, claims(changes));

function rs256(header: object = {}, changes?: Record<string, unknown>, key = privateKey) {
  return new SignJWT(claims(changes))
    .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
    .sign(key);
}

async function statusOf(token: string, app = t, path = '/api/tasks') {
  return (await app.call('GET', path, { headers: bearer(token) })).statusCode;
}

const countUsers = async (app = t) =>
  (await app.owner.query('SELECT count(*)::int AS n FROM users')).rows[0].n;

test('good tokens of both kinds are taken', async () => {
  expect(await statusOf(hs256())).toBe(200);
  expect(await statusOf(await rs256())).toBe(200);
  expect(await statusOf(hs256({ aud: ['other', 'docket'] }))).toBe(200);
  expect(await statusOf(hs256({ iat: undefined }))).toBe(200);
  expect(await statusOf(sealed({ alg: 'HS256', typ: 'JWT' }, claims()))).toBe(200);
});

const FORGED: Record<string, () => string | Promise<string>> = {
  'no algorithm': () => `${sealed({ alg: 'none' }, claims()).split('.').slice(0, 2).join('.')}.`,
  'an algorithm none that is signed': () => sealed({ alg: 'none' }, claims()),
  HS384: () => sealed({ alg: 'HS384' }, claims()),
  HS512: () => sealed({ alg: 'HS512' }, claims()),
  'HS256 with another secret': () => sealed({ alg: 'HS256' }, claims(), 'x'.repeat(32)),
  'HS256 with no secret': () => sealed({ alg: 'HS256' }, claims(), ''),
  'HS256 with the public key': () => sealed({ alg: 'HS256' }, claims(), PEM),
  'HS256 with the public key and its name': () =>
    sealed({ alg: 'HS256', kid: 'one' }, claims(), JSON.stringify(keys[0])),
  'RS256 signed with the secret': () => sealed({ alg: 'RS256', kid: 'one' }, claims()),
  'RS256 with another key': () => rs256({}, {}, other.privateKey),
  'RS256 with a key of its own': async () =>
    rs256({ jwk: await exportJWK(other.publicKey) }, {}, other.privateKey),
  'RS256 with a key from elsewhere': () =>
    rs256({ jku: jwksUrl, kid: 'two' }, {}, other.privateKey),
  'PS256 with a key for RS256': () =>
    new SignJWT(claims()).setProtectedHeader({ alg: 'PS256', kid: 'one' }).sign(privateKey),
  'a path as the name of the key': () => rs256({ kid: '../../../etc/passwd' }),
  'a critical extension': () => sealed({ alg: 'HS256', crit: ['x'], x: 1 }, claims()),
  'another kind of token': () => sealed({ alg: 'HS256', typ: 'logout+jwt' }, claims()),
  'a kind that is no text': () => sealed({ alg: 'HS256', typ: 5 }, claims()),
  'a list': () => sealed({ alg: 'HS256' }, [claims()]),
  'a text': () => sealed({ alg: 'HS256' }, 'x'),
  'no subject': () => hs256({ sub: undefined }),
  'a subject null': () => hs256({ sub: null }),
  'an empty subject': () => hs256({ sub: '' }),
  'a subject 0': () => hs256({ sub: 0 }),
  'a subject that is an object': () => hs256({ sub: { id: 'ada' } }),
  'a subject with NUL': () => hs256({ sub: 'a\0' }),
  'a subject with half a character': () => hs256({ sub: 'a\ud800' }),
  'a subject of 256 characters': () => hs256({ sub: 'x'.repeat(256) }),
  'an address alone': () =>
    hs256({ sub: undefined, email: 'ada@example.org', email_verified: true }),
  'no end': () => hs256({ exp: undefined }),
  'an end that is text': () => hs256({ exp: String(nowSeconds() + 60) }),
  'a life of more than 15 minutes': () => hs256({ exp: nowSeconds() + AGE_SECONDS + 1 }),
  'more than 15 minutes left, whenever issued': () =>
    hs256({ iat: undefined, exp: nowSeconds() + AGE_SECONDS + 60 }),
  'a long life, at its end': () => hs256({ iat: nowSeconds() - 3600, exp: nowSeconds() + 60 }),
  'a time of issue to come': () => hs256({ iat: nowSeconds() + 600 }),
  'a time of issue that is text': () => hs256({ iat: 'now' }),
  'a beginning to come': () => hs256({ nbf: nowSeconds() + 600 }),
  'an end that is over': () => hs256({ iat: nowSeconds() - 600, exp: nowSeconds() - 60 }),
  'another issuer': () => hs256({ iss: 'https://evil.example' }),
  'no issuer': () => hs256({ iss: undefined }),
  'another audience': () => hs256({ aud: 'other' }),
  'no audience': () => hs256({ aud: undefined }),
  'ten thousand characters': () => hs256({ x: 'x'.repeat(10_000) }),
  'a claim to be ours': () =>
    sealed({ alg: 'HS256', typ: 'at+jwt' }, claims({ iss: t.ctx.publicUrl })),
  'five parts': () => `${hs256()}.x.y`,
};

test.each(Object.entries(FORGED))('%s › 401, and nobody is made', async (_name, make) => {
  const before = await countUsers();
  const answer = await t.call('GET', '/api/tasks', { headers: bearer(await make()) });
  expect([answer.statusCode, await countUsers()]).toEqual([401, before]);
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
});

test('an expired token is told apart, also when it was good before', async () => {
  const token = hs256({ iat: nowSeconds() - 890, exp: nowSeconds() + 1 });
  expect(await statusOf(token)).toBe(200);
  const late = hs256({ iat: nowSeconds() - 600, exp: nowSeconds() - 60 });
  const answer = await t.call('GET', '/api/tasks', { headers: bearer(late) });
  expect(answer.json()).toEqual({ detail: 'Token expired' });
});

test('routes that do not ask for it take no foreign token, those for administrators least of all', async () => {
  await statusOf(hs256({ sub: 'root' }));
  await t.owner.query(
    `INSERT INTO user_roles (user_id, role_name)
     SELECT user_id, 'admin' FROM user_auth_providers WHERE subject = 'root'`,
  );
  for (const path of [
    ...[
      '/api/v1/tasks',
      '/api/v1/users/me',
      '/api/v1/users/me/sessions',
      '/api/v1/users/me/export',
    ],
    ...['/api/v1/admin/users', '/api/v1/admin/roles', '/api/v1/admin/audit', '/api/v1/admin/jobs'],
  ]) {
    const status = await statusOf(hs256({ sub: 'root' }), t, path);
    expect([path, [401, 404].includes(status)]).toEqual([path, true]);
  }
  expect(await statusOf(hs256({ sub: 'root' }))).toBe(200);
});

test('without the settings no foreign token is taken', async () => {
  const plain = await startTestApp();
  expect(await statusOf(hs256(), plain)).toBe(401);
  await plain.close();
});

test('one kind of key takes nothing of the other', async () => {
  const bare = { FOREIGN_ISSUER: 'https://app.example' };
  const bySecret = await startTestApp({ ...bare, BETTER_AUTH_SECRET: FRONT_END_SECRET });
  const byKeys = await startTestApp({ ...bare, BETTER_AUTH_JWKS_URL: jwksUrl });
  expect([await statusOf(hs256(), bySecret), await statusOf(await rs256(), bySecret)]).toEqual([
    200, 401,
  ]);
  expect([await statusOf(hs256(), byKeys), await statusOf(await rs256(), byKeys)]).toEqual([
    401, 200,
  ]);
  await Promise.all([bySecret.close(), byKeys.close()]);
});

test('keys are fetched once; unknown ones are asked for seldom', async () => {
  const fresh = await startForeign();
  asked = 0;
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (sub) =>
      expect(await statusOf(await rs256({}, { sub }), fresh)).toBe(200),
    ),
  );
  for (let i = 0; i < 20; i++) await statusOf(await rs256({ kid: `no-${i}` }), fresh);
  expect(asked).toBe(1);
  await fresh.close();
});

test.each(['failure', 'redirect'] as const)(
  'keys that cannot be had: %s › 503, never a pass',
  async (how) => {
    const fresh = await startForeign();
    answer = how;
    asked = 0;
    for (let i = 0; i < 5; i++) {
      const refused = await fresh.call('GET', '/api/tasks', { headers: bearer(await rs256()) });
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2']);
    }
    // Nobody asks again and again, and no redirect is followed.
    expect(asked).toBe(1);
    expect(await statusOf(hs256(), fresh)).toBe(200);
    answer = 'keys';
    await fresh.close();
  },
);
