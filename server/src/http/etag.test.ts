import fc from 'fast-check';
import { expect, test } from 'vitest';
import { etagOf, isNotModified, versionsOfIfMatch } from './etag.ts';

const version = fc.integer({ min: 1, max: 999_999_999 });

test('a tag, weak or strong, alone or among others, means its version', () => {
  fc.assert(
    fc.property(fc.array(version, { minLength: 1 }), fc.array(fc.boolean()), (versions, weak) => {
      const header = versions.map((v, i) => (weak[i] ? 'W/' : '') + etagOf(v)).join(', ');
      expect(versionsOfIfMatch(header)).toEqual(versions);
      for (const v of versions) expect(isNotModified(header, v)).toBe(true);
    }),
  );
});

test('any other text names no version, and none is not the same as any', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/"\d{1,9}"/.test(text) && text.trim() !== '*'),
      (text) => {
        expect(versionsOfIfMatch(text)).toEqual([]);
        expect(isNotModified(text, 1)).toBe(false);
      },
    ),
  );
  expect(versionsOfIfMatch(undefined)).toBeNull();
  expect(versionsOfIfMatch(' * ')).toBeNull();
  expect(isNotModified(undefined, 1)).toBe(false);
  expect(isNotModified('*', 1)).toBe(true);
});
