import { describe, expect, test } from 'vitest';
import { safeRedirectPath } from './redirect.ts';

const ORIGIN = 'https://docket.example';

describe('safeRedirectPath', () => {
  test('keeps paths of this origin with search and fragment', () => {
    expect(safeRedirectPath('/?show=all&q=a%20b#x', ORIGIN)).toBe('/?show=all&q=a%20b#x');
  });

  test.each([
    undefined,
    '',
    'settings',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    'javascript:alert(1)',
    '/./\\evil.example',
    '/.//evil.example',
  ])('leads %j to the start', (target) => {
    expect(new URL(safeRedirectPath(target, ORIGIN), ORIGIN).origin).toBe(ORIGIN);
    expect(safeRedirectPath(target, ORIGIN)).toBe('/');
  });
});
