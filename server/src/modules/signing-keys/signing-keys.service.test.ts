import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { AccessTokens } from '../../auth/access-token.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import { ConfigError } from '../../config/config-error.ts';
import { deriveKeys } from '../../config/secrets.ts';
import { replaceSigningKeys, SigningKeys } from './signing-keys.service.ts';

const database = useTestDatabase();
const encryptionKey = deriveKeys('one secret').signingKeyEncryption;
const opened: SigningKeys[] = [];
let owner: pg.Client;

beforeAll(async () => {
  owner = new pg.Client(database.owner);
  await owner.connect();
});

beforeEach(() => owner.query('DELETE FROM signing_keys'));

afterAll(async () => {
  for (const keys of opened) keys.close();
  await owner.end();
});

async function open(key = encryptionKey): Promise<SigningKeys> {
  const keys = new SigningKeys(database.db, key, (error) => {
    throw error;
  });
  opened.push(keys);
  await keys.start();
  return keys;
}

function kids(keys: SigningKeys) {
  return keys.jwks().keys.map((key) => key.kid);
}

function issue(keys: SigningKeys) {
  return new AccessTokens(keys, 'https://x.example').issue({
    userId: uuidV7(),
    sessionId: uuidV7(),
    authVersion: 1,
    authenticatedAtSeconds: 1,
    permissions: [],
  });
}

function verify(keys: SigningKeys, token: string) {
  return new AccessTokens(keys, 'https://x.example').verify(token);
}

test('the first start makes one key, also where ten start at once, and all use the same', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => open()));
  const { rows } = await owner.query('SELECT kid FROM signing_keys');
  expect(rows).toHaveLength(1);
  expect(new Set(all.map((keys) => keys.signingKey().kid))).toEqual(new Set([rows[0].kid]));
});

test('the published set holds public halves only', async () => {
  const [key] = (await open()).jwks().keys;
  expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  expect(key).toMatchObject({ alg: 'ES256', crv: 'P-256', kty: 'EC', use: 'sig' });
});

test('the private half in the database is of no use without the secret', async () => {
  await open();
  const { rows } = await owner.query('SELECT private_key_encrypted, public_jwk FROM signing_keys');
  expect(rows[0].private_key_encrypted.toString('latin1')).not.toMatch(/"d"|kty/);
  expect(Object.keys(rows[0].public_jwk)).not.toContain('d');
});

test('with another SECRET_KEY the start fails with a sentence that says what to do', async () => {
  await open();
  const refused = await open(deriveKeys('another secret').signingKeyEncryption).catch((e) => e);
  expect(refused).toBeInstanceOf(ConfigError);
  expect(refused.message).toMatch(/SECRET_KEY.*keys-replace/);
});

test('an encrypted key moved to another row is not accepted', async () => {
  await open();
  await owner.query("UPDATE signing_keys SET kid = 'moved'");
  await expect(open()).rejects.toBeInstanceOf(ConfigError);
});

test('after 90 days a successor is published an hour before it signs, and the old key is still good', async () => {
  const before = await open();
  const old = before.signingKey().kid;
  const token = await issue(before);
  await owner.query("UPDATE signing_keys SET active_from = now() - interval '91 days'");
  const during = await open();
  expect(kids(during)).toHaveLength(2);
  expect(during.signingKey().kid).toBe(old);
  expect(kids(await open())).toHaveLength(2);
  const { rows } = await owner.query(
    'SELECT extract(epoch from active_from - now())::int AS ahead FROM signing_keys WHERE kid <> $1',
    [old],
  );
  expect(rows[0].ahead).toBeGreaterThan(3500);
  await owner.query('UPDATE signing_keys SET active_from = now() WHERE active_from > now()');
  const after = await open();
  expect(after.signingKey().kid).not.toBe(old);
  await expect(verify(after, token)).resolves.toBeDefined();
});

test('a retired key signs nothing, is not published and verifies nothing', async () => {
  const before = await open();
  const token = await issue(before);
  await owner.query("UPDATE signing_keys SET retires_at = date_trunc('milliseconds', now())");
  const after = await open();
  expect(kids(after)).not.toContain(before.signingKey().kid);
  await expect(verify(after, token)).rejects.toMatchObject({ code: 'token.invalid' });
});

test('a key that another server has just made is found when a token names it, once in five seconds at most', async () => {
  const one = await open();
  await replaceSigningKeys(database.db, encryptionKey);
  const two = await open();
  const kid = two.signingKey().kid;
  expect(await one.verificationKey(kid)).toBeNull();
  const realNow = Date.now;
  Date.now = () => realNow() + 5001;
  expect(await one.verificationKey('unknown')).toBeNull();
  expect(await one.verificationKey(kid)).not.toBeNull();
  Date.now = realNow;
});

test('replacing retires every key and works under a new SECRET_KEY', async () => {
  const token = await issue(await open());
  const key = deriveKeys('new secret').signingKeyEncryption;
  expect(await replaceSigningKeys(database.db, key)).toBe(1);
  const after = await open(key);
  expect(kids(after)).toHaveLength(1);
  await expect(verify(after, token)).rejects.toMatchObject({ code: 'token.invalid' });
});
