import { createHmac, randomUUID } from 'node:crypto';
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { TEST_ORIGIN, TEST_SECRET_KEY, type TestUser, useTestApp } from '../harness/app.ts';

const t = useTestApp();

function claims(user: TestUser) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: TEST_ORIGIN,
    aud: TEST_ORIGIN,
    sub: user.id,
    sid: user.sessionId,
    ver: 1,
    auth_time: now,
    permissions: ['tasks:read'],
    jti: randomUUID(),
    iat: now,
    exp: now + 600,
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function status(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await t.call('GET', '/api/v1/tasks', { headers })).statusCode;
}

test('a token is refused unless our own key has signed it as what it is', async () => {
  const ada = await t.signIn();
  const { kid, privateKey } = t.ctx.signingKeys.signingKey();
  const [jwk] = t.ctx.signingKeys.jwks().keys;
  const spki = await exportSPKI((await importJWK(jwk ?? {}, 'ES256')) as CryptoKey);
  const header = { alg: 'ES256', typ: 'at+jwt', kid };
  const sign = (payload: object, more: object = {}) =>
    new SignJWT({ ...payload }).setProtectedHeader({ ...header, ...more }).sign(privateKey);
  expect(await status(await sign(claims(ada)))).toBe(200);

  const hmac = (alg: string, secret: string) => {
    const text = `${encode({ ...header, alg })}.${encode(claims(ada))}`;
    return `${text}.${createHmac(`sha${alg.slice(2)}`, secret)
      .update(text)
      .digest('base64url')}`;
  };
  const other = await generateKeyPair('ES256');
  const rsa = await generateKeyPair('RS256');
  const good = await sign(claims(ada));
  const now = Math.floor(Date.now() / 1000);
  const forged = [
    `${encode({ ...header, alg: 'none' })}.${encode(claims(ada))}.`,
    ...[TEST_SECRET_KEY, spki, JSON.stringify(jwk), ''].flatMap((s) => [
      hmac('HS256', s),
      hmac('HS512', s),
    ]),
    await new SignJWT(claims(ada)).setProtectedHeader(header).sign(other.privateKey),
    await new SignJWT(claims(ada))
      .setProtectedHeader({ ...header, alg: 'RS256' })
      .sign(rsa.privateKey),
    await new SignJWT(claims(ada))
      .setProtectedHeader({ ...header, jku: 'https://evil.example' })
      .sign(other.privateKey),
    `${good.split('.')[0]}.${encode([claims(ada)])}.${good.split('.')[2]}`,
    `${good.split('.')[0]}.${encode({ ...claims(ada), sub: randomUUID() })}.${good.split('.')[2]}`,
    await sign({ ...claims(ada), exp: undefined }),
    await sign({ ...claims(ada), exp: `${now + 600}` }),
    await sign({ ...claims(ada), exp: now - 60 }),
    await sign({ ...claims(ada), nbf: now + 600 }),
    await sign({ ...claims(ada), sub: 5 }),
    await sign({ ...claims(ada), permissions: 'tasks:read' }),
    await sign({ ...claims(ada), permissions: undefined }),
    await sign({ ...claims(ada), aud: 'https://other.example' }),
    await sign(claims(ada), { typ: 'JWT' }),
    await sign(claims(ada), { kid: '../../../dev/null' }),
    await sign(claims(ada), { kid: "' OR 1=1 --" }),
    `${encode({ ...header, crit: ['x'], x: 1 })}.${good.split('.')[1]}.${good.split('.')[2]}`,
    await sign({ ...claims(ada), filler: 'x'.repeat(10_240) }),
    'x'.repeat(10_240),
    `${good}.${good}`,
    good.slice(0, -2),
    `${good}=`,
  ];
  for (const token of forged)
    expect([token.slice(0, 200), await status(token)]).toEqual([token.slice(0, 200), 401]);
});

test('a token signed for another server with the same keys is refused', async () => {
  const ada = await t.signIn();
  const { kid, privateKey } = t.ctx.signingKeys.signingKey();
  const elsewhere = 'https://other.example';
  const token = await new SignJWT({ ...claims(ada), iss: elsewhere, aud: elsewhere })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .sign(privateKey);
  expect(await status(token)).toBe(401);
});
