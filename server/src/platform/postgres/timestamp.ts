/** Length of `2026-01-31 09:00:00`, the part that every timestamp has. */
const SECONDS_LENGTH = 19;

/**
 * Turns the text of a `timestamptz` (session in UTC, ISO style, such as `2026-01-31 09:00:00.1+00`)
 * into RFC 3339 with exactly three digits of milliseconds (`2026-01-31T09:00:00.100Z`).
 * Finer digits are cut off. By slicing: this runs several times per row of every list.
 * @throws RangeError for text of another form, so that a session with other settings shows at once
 */
export function toRfc3339(text: string): string;
export function toRfc3339(text: string | null): string | null;
export function toRfc3339(text: string | null): string | null {
  if (text === null) return null;
  const offsetAt = text.length - 3;
  const isUtc = text.endsWith('+00') && text.charAt(4) === '-' && text.charAt(10) === ' ';
  if (!isUtc || (offsetAt !== SECONDS_LENGTH && text.charAt(SECONDS_LENGTH) !== '.')) {
    throw new RangeError(`not a timestamp in UTC and ISO style: ${text}`);
  }
  const date = text.slice(0, 10);
  const time = text.slice(11, SECONDS_LENGTH);
  // Trailing zeros are left out by PostgreSQL: `.1` is 100 ms.
  const fraction = offsetAt === SECONDS_LENGTH ? '' : text.slice(SECONDS_LENGTH + 1, offsetAt);
  const milliseconds = fraction.length === 3 ? fraction : `${fraction}000`.slice(0, 3);
  return `${date}T${time}.${milliseconds}Z`;
}
