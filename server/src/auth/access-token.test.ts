import { createHmac, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect, test, vi } from 'vitest';
import { AppError } from '../errors.ts';
import { ACCESS_TOKEN_LIFE_SECONDS, AccessTokens } from './access-token.ts';
import { uuidV7 } from './uuid.ts';

const ISSUER = 'https://tasks.example.org';
const KID = 'key-1';
const claims = {
  userId: uuidV7(),
  sessionId: uuidV7(),
  authVersion: 3,
  authenticatedAtSeconds: Math.floor(Date.now() / 1000),
  permissions: ['tasks:read' as const, 'tasks:write' as const],
};

let pair: { privateKey: CryptoKey; publicKey: CryptoKey };
let tokens: AccessTokens;
let lookups: string[];

beforeAll(async () => {
  pair = await generateKeyPair('ES256', { extractable: true });
  lookups = [];
  tokens = new AccessTokens(
    {
      signingKey: () => ({ kid: KID, privateKey: pair.privateKey }),
      verificationKey: async (kid) => {
        lookups.push(kid);
        return kid === KID ? pair.publicKey : null;
      },
    },
    ISSUER,
  );
});

const now = () => Math.floor(Date.now() / 1000);
const good = () => ({
  iss: ISSUER,
  aud: ISSUER,
  sub: claims.userId,
  sid: claims.sessionId,
  ver: 3,
  auth_time: now(),
  permissions: [],
  jti: randomUUID(),
  iat: now(),
  exp: now() + 60,
});

/** Signed with our own key: only what is said can be wrong. */
function sign(payload: object, header: object = {}): Promise<string> {
  return new SignJWT(payload as Record<string, unknown>)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: KID, ...header })
    .sign(pair.privateKey);
}

function unsigned(header: object, payload: unknown, secret?: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(payload)}`;
  const alg = String((header as { alg?: string }).alg).toLowerCase();
  const hash = alg.endsWith('512') ? 'sha512' : 'sha256';
  return `${text}.${secret ? createHmac(hash, secret).update(text).digest('base64url') : ''}`;
}

async function refusal(token: string): Promise<string> {
  try {
    await tokens.verify(token);
    return 'accepted';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

test('an issued token says what it was issued for, and lives 15 minutes', async () => {
  const verified = await tokens.verify(await tokens.issue(claims));
  expect(verified).toMatchObject({ ...claims, permissions: new Set(claims.permissions) });
  expect(verified.expiresAtSeconds - now()).toBeGreaterThan(ACCESS_TOKEN_LIFE_SECONDS - 3);
  expect(ACCESS_TOKEN_LIFE_SECONDS).toBe(900);
});

test('a hand-made token with every claim is accepted, so that the refusals below are for the reason named', async () => {
  expect(await refusal(await sign(good()))).toBe('accepted');
});

test.each([
  ['another issuer', { iss: 'https://evil.example' }],
  ['another audience', { aud: 'https://evil.example' }],
  ['a numeric sub', { sub: 5 }],
  ['a sub that is no id', { sub: 'admin' }],
  ['a session that is no id', { sid: 'x' }],
  ['a version as text', { ver: '3' }],
  ['a fraction as version', { ver: 3.5 }],
  ['a time of sign-in as text', { auth_time: 'now' }],
  ['an expiry as text', { exp: String(Date.now()) }],
  ['a future nbf', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ['a future iat', { iat: Math.floor(Date.now() / 1000) + 600 }],
  ['an old iat with a far expiry', { iat: 1_700_000_000, exp: 4_000_000_000 }],
  ...['iss', 'aud', 'sub', 'sid', 'ver', 'auth_time', 'jti', 'iat', 'exp'].map(
    (claim) => [`no ${claim}`, { [claim]: undefined }] as [string, object],
  ),
])('a token of our own signature with %s is refused', async (_name, change) => {
  const code = await refusal(await sign({ ...good(), ...change }));
  expect(['token.invalid', 'token.expired']).toContain(code);
});

test('an expired token says that it has expired', async () => {
  expect(await refusal(await sign({ ...good(), exp: now() - 60 }))).toBe('token.expired');
});

test.each([
  ['typ JWT', { typ: 'JWT' }],
  ['no typ', { typ: undefined }],
  ['crit', { crit: ['exp'] }],
  ['an unknown kid', { kid: 'other' }],
  ['a kid that is a path', { kid: '../../etc/passwd' }],
  ['no kid', { kid: undefined }],
])('a token with %s in its header is refused', async (_name, header) => {
  const text = await sign(good());
  const changed = { alg: 'ES256', typ: 'at+jwt', kid: KID, ...header };
  const [, payload, signature] = text.split('.');
  const forged = `${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${payload}.${signature}`;
  expect(await refusal(forged)).toBe('token.invalid');
  if (!('crit' in header)) expect(await refusal(await sign(good(), header))).toBe('token.invalid');
});

test('no other algorithm is accepted: none, HMAC with the public key, RSA, another curve, EdDSA', async () => {
  const spki = await exportSPKI(pair.publicKey);
  const jwk = JSON.stringify(await exportJWK(pair.publicKey));
  const header = { typ: 'at+jwt', kid: KID };
  const forged = [
    unsigned({ ...header, alg: 'none' }, good()),
    unsigned({ ...header, alg: 'None' }, good()),
    ...['HS256', 'HS512'].flatMap((alg) =>
      [spki, jwk, 'secret'].map((secret) => unsigned({ ...header, alg }, good(), secret)),
    ),
  ];
  for (const alg of ['RS256', 'ES384', 'EdDSA']) {
    const other = await generateKeyPair(alg);
    forged.push(
      await new SignJWT(good()).setProtectedHeader({ ...header, alg }).sign(other.privateKey),
    );
  }
  for (const token of forged) expect(await refusal(token)).toBe('token.invalid');
});

test("an attacker's key is not accepted by naming it in the header", async () => {
  const attacker = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(attacker.publicKey);
  for (const extra of [
    { jwk },
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example' },
  ]) {
    const header = { alg: 'ES256', typ: 'at+jwt', kid: KID, ...extra };
    const token = await new SignJWT(good()).setProtectedHeader(header).sign(attacker.privateKey);
    expect(await refusal(token)).toBe('token.invalid');
  }
});

test.each(['', '.', '..', 'a.b', 'a.b.c.d', 'null', '{}', 'a'.repeat(10_240)])(
  'text that is no token is refused: %s',
  async (text) => {
    expect(await refusal(text)).toBe('token.invalid');
  },
);

test('an array as payload, and 10 kB under a good signature, are refused', async () => {
  const header = { alg: 'ES256', typ: 'at+jwt', kid: KID };
  expect(await refusal(unsigned(header, [good()], 'secret'))).toBe('token.invalid');
  expect(await refusal(await sign({ ...good(), more: 'x'.repeat(10_000) }))).toBe('token.invalid');
});

test('a checked token is remembered by its exact text: one changed character is checked anew', async () => {
  const token = await tokens.issue(claims);
  await tokens.verify(token);
  const count = lookups.length;
  expect(tokens.verify(token)).not.toBeInstanceOf(Promise);
  expect(lookups.length).toBe(count);
  const [header, payload, signature = ''] = token.split('.');
  const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  expect(await refusal(`${header}.${payload}.${flipped}`)).toBe('token.invalid');
});

test('a remembered token is refused once it has expired', async () => {
  const token = await tokens.issue(claims);
  await tokens.verify(token);
  const clock = vi
    .spyOn(Date, 'now')
    .mockReturnValue(Date.now() + ACCESS_TOKEN_LIFE_SECONDS * 1000);
  expect(await refusal(token)).toBe('token.expired');
  clock.mockRestore();
});
