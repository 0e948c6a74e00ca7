import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { deriveKeys, keptSecretKey } from './secrets.ts';

const dir = mkdtempSync(join(tmpdir(), 'docket-secrets-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('each purpose has a key of its own, the same for the same secret', () => {
  const keys = Object.values(deriveKeys('secret')).map((key: Buffer) => key.toString('hex'));
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toHaveLength(64);
  expect(deriveKeys('secret')).toEqual(deriveKeys('secret'));
  expect(deriveKeys('secret2').cursor).not.toEqual(deriveKeys('secret').cursor);
});

test('the kept secret is made once, readable by its owner alone, and leaves no draft behind', () => {
  const dataDir = join(dir, 'new', 'data');
  const secret = keptSecretKey(dataDir);
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(keptSecretKey(dataDir)).toBe(secret);
  expect(readFileSync(join(dataDir, 'secret-key'), 'utf8')).toBe(secret);
  expect(statSync(join(dataDir, 'secret-key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(['secret-key']);
});
