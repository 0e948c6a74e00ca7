import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRefreshToken, sealRefreshToken } from './refresh-token.ts';

const key = randomBytes(32);
const claims = fc.record({
  userId: fc.uuid(),
  sessionId: fc.uuid(),
  counter: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

test('what is sealed is opened again, the same each time, and by no other key', () => {
  fc.assert(
    fc.property(claims, (it) => {
      const token = sealRefreshToken(key, it);
      expect(openRefreshToken(key, token)).toEqual(it);
      expect(sealRefreshToken(key, it)).toBe(token);
      expect(openRefreshToken(randomBytes(32), token)).toBeNull();
    }),
  );
});

test('no change of one bit, and no other spelling, is opened', () => {
  fc.assert(
    fc.property(claims, fc.nat({ max: 68 * 8 - 1 }), (it, bit) => {
      const bytes = Buffer.from(sealRefreshToken(key, it), 'base64url');
      const at = bit >> 3;
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
      expect(openRefreshToken(key, bytes.toString('base64url'))).toBeNull();
    }),
  );
  const token = sealRefreshToken(key, {
    userId: randomUuid(),
    sessionId: randomUuid(),
    counter: 1,
  });
  for (const other of [`${token}=`, `${token} `, `${token}A`, token.slice(0, -1), '']) {
    expect(openRefreshToken(key, other)).toBeNull();
  }
});

test('tokens of two sessions have nothing in common beyond the user', () => {
  const userId = randomUuid();
  const [a, b] = [0, 0].map((counter) =>
    Buffer.from(sealRefreshToken(key, { userId, sessionId: randomUuid(), counter }), 'base64url'),
  );
  expect(a?.subarray(36)).not.toEqual(b?.subarray(36));
});

function randomUuid(): string {
  return crypto.randomUUID();
}
