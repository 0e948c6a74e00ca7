import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  commonPasswords,
  encodeCommonPasswords,
} from '../../../scripts/passwords/common-passwords.ts';
import {
  canonicalPassword,
  isCommonPassword,
  PASSWORDS_PER_FALSE_ALARM,
} from './common-passwords.ts';

test('every password of the list is common, the first and the last of it too', () => {
  const passwords = commonPasswords();
  expect(passwords).toHaveLength(220_000);
  expect(passwords.slice(0, 3)).toEqual(['password', '12345678', '123456789']);
  expect(passwords.filter((password) => !isCommonPassword(password))).toEqual([]);
});

test('case does not matter, nor which Unicode form it is typed in', () => {
  expect(['PASSWORD', 'pAssw0rD', 'Qwertyuiop'].map(isCommonPassword)).toEqual([true, true, true]);
  expect(canonicalPassword('A\u030angstro\u0308m')).toBe(canonicalPassword('\u00e5ngstr\u00d6m'));
});

test('of 100,000 random passwords hardly more than one in 4096 is refused by mistake', () => {
  const random = Array.from({ length: 100_000 }, () => randomBytes(12).toString('base64url'));
  const refused = random.filter(isCommonPassword).length;
  // Five standard deviations above what is expected.
  const expected = random.length / PASSWORDS_PER_FALSE_ALARM;
  expect(refused).toBeLessThan(expected + 5 * Math.sqrt(expected));
});

test('a look-up takes less than 10 µs', () => {
  const passwords = Array.from({ length: 10_000 }, () => randomBytes(12).toString('base64url'));
  isCommonPassword('warm');
  const startedAt = performance.now();
  for (const password of passwords) isCommonPassword(password);
  expect((performance.now() - startedAt) / passwords.length).toBeLessThan(0.01);
});

test('the file is small, and the same passwords always make the same file', () => {
  expect(statSync(join(import.meta.dirname, 'common-passwords.bin')).size).toBeLessThan(400_000);
  const some = commonPasswords().slice(0, 1000);
  expect(encodeCommonPasswords(some)).toEqual(encodeCommonPasswords(some.toReversed()));
});
