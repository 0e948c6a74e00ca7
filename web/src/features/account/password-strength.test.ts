import { describe, expect, test } from 'vitest';
import { passwordProblem, passwordStrength } from './password-strength.ts';

describe('a new password', () => {
  test('has at least 8 characters and at most 72 bytes', () => {
    expect(passwordProblem('')).toBe('missing');
    expect(passwordProblem('1234567')).toBe('short');
    expect(passwordProblem('ä'.repeat(8))).toBeUndefined();
    expect(passwordProblem('a'.repeat(72))).toBeUndefined();
    expect(passwordProblem('ä'.repeat(37))).toBe('long');
  });

  test('gains nothing from repetition, from counting on, or from the address', () => {
    expect(passwordStrength('aaaaaaaaaaaaaaaa', 'ada@example.org')).toBe('weak');
    expect(passwordStrength('12345678901', 'ada@example.org')).toBe('weak');
    expect(passwordStrength('lovelace.ada', 'lovelace.ada@example.org')).toBe('weak');
    expect(passwordStrength('kettle marble otter', 'ada@example.org')).toBe('strong');
  });
});
