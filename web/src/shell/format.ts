import { locale } from './messages.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
const dayThisYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dayOtherYear = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const numbers = new Intl.NumberFormat(locale);

/** A number with the locale's separators. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** The date in full, in the person's time zone. */
export function formatDate(iso: string): string {
  return date.format(new Date(iso));
}

/** Date and time in full, in the person's time zone. */
export function formatDateTime(iso: string): string {
  return full.format(new Date(iso));
}

/** How long ago, as short as it stays clear: minutes and hours for today, then days, then the date. */
export function formatAge(iso: string, nowMs: number): string {
  const date = new Date(iso);
  const ageMs = nowMs - date.getTime();
  if (ageMs < MINUTE_MS) return relative.format(0, 'second');
  if (ageMs < HOUR_MS) return relative.format(-Math.floor(ageMs / MINUTE_MS), 'minute');
  const days = calendarDaysBetween(date, new Date(nowMs));
  if (days === 0) return relative.format(-Math.floor(ageMs / HOUR_MS), 'hour');
  if (days < 7) return relative.format(-days, 'day');
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  return (isThisYear ? dayThisYear : dayOtherYear).format(date);
}

function calendarDaysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(to) - midnight(from)) / DAY_MS);
}
