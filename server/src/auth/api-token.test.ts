import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimsToBeApiToken, hashApiToken, hintOf, isApiToken, newApiToken } from './api-token.ts';

/** As documented for programs that look for leaked secrets. */
const DOCUMENTED = /\bdkt_[0-9A-Za-z]{49}\b/;

test('a token has the documented form, and no two are alike', () => {
  const tokens = Array.from({ length: 10_000 }, newApiToken);
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) {
    expect(isApiToken(token)).toBe(true);
    expect(`key=${token};`.match(DOCUMENTED)?.[0]).toBe(token);
  }
});

test('every character of the secret takes part: each is seen at each place', () => {
  const seen = Array.from({ length: 43 }, () => new Set<string>());
  for (let i = 0; i < 5000; i++) {
    const token = newApiToken();
    seen.forEach((characters, place) => {
      characters.add(token.charAt(4 + place));
    });
  }
  // 62^43 is somewhat more than 2^256, so the first place does not reach the last digits.
  expect(seen[0]?.size).toBeGreaterThan(50);
  for (const characters of seen.slice(1)) expect(characters.size).toBe(62);
});

test('no change of one character, and nothing more or less, passes the checksum', () => {
  const digit = fc.constantFrom(
    ...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  );
  fc.assert(
    fc.property(fc.nat({ max: 48 }), digit, (at, character) => {
      const token = newApiToken();
      const other = token.slice(0, 4 + at) + character + token.slice(5 + at);
      expect(isApiToken(other)).toBe(other === token);
    }),
  );
  const token = newApiToken();
  const others = [`${token}0`, `${token}\n`, ` ${token}`, token.slice(0, -1), token.slice(4), ''];
  for (const other of others) expect(isApiToken(other)).toBe(false);
});

test('the kind of a token is known by its prefix', () => {
  expect(claimsToBeApiToken(newApiToken())).toBe(true);
  for (const text of ['', 'dkt', 'DKT_x', 'eyJhbGciOiJFUzI1NiJ9.e30.x', ` ${newApiToken()}`]) {
    expect(claimsToBeApiToken(text)).toBe(false);
  }
});

test('the checksum is CRC-32 of all before it: tokens that were given out stay good for ever', () => {
  expect(isApiToken('dkt_00000000000000000000000000000000000000000002hSpH4')).toBe(true);
});

test('hash and hint tell nothing of a token', () => {
  const token = newApiToken();
  expect(hintOf(token)).toMatch(/^[0-9A-Za-z]{4}$/);
  expect(hashApiToken(token)).toHaveLength(32);
  expect(hashApiToken(token)).not.toEqual(hashApiToken(newApiToken()));
});
