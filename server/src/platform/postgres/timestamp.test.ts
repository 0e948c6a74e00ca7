import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRfc3339 } from './timestamp.ts';

describe('toRfc3339', () => {
  it.each([
    ['2026-01-31 09:00:00+00', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31 09:00:00.1+00', '2026-01-31T09:00:00.100Z'],
    ['2026-01-31 09:00:00.12+00', '2026-01-31T09:00:00.120Z'],
    ['2026-01-31 09:00:00.123+00', '2026-01-31T09:00:00.123Z'],
    ['2026-01-31 09:00:00.001+00', '2026-01-31T09:00:00.001Z'],
    ['2026-01-31 09:00:00.123999+00', '2026-01-31T09:00:00.123Z'],
    ['2024-02-29 23:59:59.999+00', '2024-02-29T23:59:59.999Z'],
  ])('writes %s as %s', (text, expected) => {
    expect(toRfc3339(text)).toBe(expected);
  });

  it('passes null on', () => {
    expect(toRfc3339(null)).toBeNull();
  });

  it.each([
    '2026-01-31 09:00:00+01',
    '2026-01-31 09:00:00+05:30',
    '2026-01-31T09:00:00Z',
    '31/01/2026 09:00:00+00',
    '2026-01-31+00',
    '12026-01-31 09:00:00+00',
    'infinity',
    '',
  ])('refuses %j, which a session with the right settings does not send', (text) => {
    expect(() => toRfc3339(text)).toThrow(RangeError);
  });

  it('agrees with Date for every millisecond from year 1 to 9999', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        const iso = date.toISOString();
        const postgres = iso.replace('T', ' ').replace(/\.?0*Z$/, '+00');
        const text = iso.endsWith('.000Z')
          ? iso.replace('T', ' ').replace('.000Z', '+00')
          : postgres;
        expect(toRfc3339(text)).toBe(iso);
      }),
    );
  });
});
