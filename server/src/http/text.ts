const WHITE_SPACE = /[\p{White_Space}\uFEFF]/u;

/** Every Unicode white space and byte order mark goes from both ends; `trim` would leave U+0085. */
export function trimText(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text.charAt(start))) start += 1;
  while (end > start && WHITE_SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/i;

/**
 * Whether a text is a time of RFC 3339 that PostgreSQL can read too: from the year 1 on, at most
 * nine digits after the second, and an offset below 16 hours.
 */
export function isTimestamp(text: string): boolean {
  const [, year, month, day] = (RFC_3339.exec(text) ?? []).map(Number);
  if (!year || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
