import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUuid, uuidV7 } from './uuid.ts';

test('a UUID v7 has version, variant and the time in its first 48 bits, so that texts sort by time', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 47 }), fc.nat({ max: 2 ** 47 }), (a, b) => {
      const [first, second] = [uuidV7(Math.min(a, b)), uuidV7(Math.max(a, b) + 1)];
      expect(first).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      expect(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16)).toBe(Math.min(a, b));
      expect(first < second).toBe(true);
    }),
  );
});

test('10,000 of one millisecond are all different', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => uuidV7(1))).size).toBe(10_000);
});

test('isUuid knows the common form and nothing else', () => {
  expect(isUuid(uuidV7())).toBe(true);
  expect(isUuid(uuidV7().toUpperCase())).toBe(true);
  for (const text of ['', 'x', uuidV7().replaceAll('-', ''), `{${uuidV7()}}`, `${uuidV7()}\n`]) {
    expect(isUuid(text)).toBe(false);
  }
});
