import { isIP } from 'node:net';
import { isEmailAddress } from '../auth/email-address.ts';

/** Turns the text of a setting into its value, or throws an Error whose message ends "NAME: …". */
export type Parser<T> = (text: string) => T;

/** A rate: `count` requests in `periodSeconds`, with a burst of the same count. */
export interface Rate {
  count: number;
  periodSeconds: number;
}

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
const MAX_DURATION_SECONDS = 365 * 86_400;

/** A whole number within inclusive bounds. */
export function integer(min: number, max: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

/** One of a closed list of words. */
export function oneOf<const T extends string>(...words: T[]): Parser<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`);
    return word;
  };
}

/** `on` or `off`. */
export function onOff(text: string): boolean {
  return oneOf('on', 'off')(text) === 'on';
}

/** A duration with a unit (`500ms`, `15s`, `5m`, `24h`, `30d`), in milliseconds, more than zero. */
export function durationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  const unit = match?.[2] ?? '';
  const value = Number(match?.[1]) * (unit === 'ms' ? 1 : (UNIT_SECONDS[unit] ?? 0) * 1000);
  if (!match || value <= 0 || value > MAX_DURATION_SECONDS * 1000) {
    throw new Error('must be a duration with a unit, such as 500ms, 15s, 5m, 24h or 30d');
  }
  return value;
}

/** A rate such as `100/1m`, or `off` (null). */
export function rate(text: string): Rate | null {
  if (text === 'off') return null;
  const match = /^(\d{1,7})\/(\d{1,5})([smhd])$/.exec(text);
  const count = Number(match?.[1]);
  const periodSeconds = Number(match?.[2]) * (UNIT_SECONDS[match?.[3] ?? ''] ?? 0);
  if (!match || count < 1 || periodSeconds < 1 || periodSeconds > MAX_DURATION_SECONDS) {
    throw new Error('must be count/period, such as 100/1m, or off');
  }
  return { count, periodSeconds };
}

/** A Redis URL, with `rediss:` for TLS; what follows the host is the number of the database. */
export function redisUrl(text: string): string {
  const url = /^rediss?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (!url?.hostname || !/^\/?\d{0,4}$/.test(url.pathname) || url.search || url.hash) {
    throw new Error('must be a URL such as redis://:password@host:6379/0, or rediss:// with TLS');
  }
  return text;
}

const SMTP_OPTIONS = ['tls.rejectUnauthorized', 'tls.servername'];

/** An SMTP URL, with `smtps:` for TLS from the first byte on. */
export function smtpUrl(text: string): string {
  const url = /^smtps?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null;
  const isKnown = url && [...url.searchParams.keys()].every((name) => SMTP_OPTIONS.includes(name));
  if (!url?.hostname || !isKnown || !/^\/?$/.test(url.pathname) || url.hash) {
    throw new Error(
      `must be a URL such as smtp://user:password@host:587, or smtps:// with TLS from the start; its options are ${SMTP_OPTIONS.join(' and ')}`,
    );
  }
  return text;
}

/** An address to send mail from, such as `Docket <docket@example.org>`. */
export function mailbox(text: string): { name: string | null; address: string } {
  const match = /^(?:([^<>"]*?)\s*<([^<>]+)>|([^<>]+))$/.exec(text.trim());
  const address = match?.[2] ?? match?.[3] ?? '';
  if (!isEmailAddress(address)) throw new Error('must be such as Docket <docket@example.org>');
  return { name: match?.[1] || null, address };
}

/** An http or https origin without path; answers it in canonical form (`https://tasks.example.org`). */
export function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url && url.pathname === '/' && !url.search && !url.hash && !url.username;
  if (!url || !isPlain || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error('must be an origin such as https://tasks.example.org, without a path');
  }
  return url.origin;
}

/** A comma-separated list; blanks around the commas are ignored. */
export function list<T>(parse: Parser<T>): Parser<T[]> {
  return (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(parse);
}

/** An address or a network in CIDR notation. */
export function network(text: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  const maxBits = family === 6 ? 128 : 32;
  const isBitsValid = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= maxBits);
  if (family === 0 || !isBitsValid || rest.length > 0) {
    throw new Error('must be addresses or networks such as 10.0.0.0/8 or ::1');
  }
  return text;
}

/** A PostgreSQL connection URL. libpq allows one without a host after the user: `user@/db?host=/dir`. */
export function postgresUrl(text: string): string {
  const isPostgres =
    /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@localhost/'));
  if (!isPostgres) throw new Error('must be a URL such as postgresql://user:password@host:5432/db');
  return text;
}

/** Any text of at least a number of characters. */
export function text(minLength: number): Parser<string> {
  return (value) => {
    if (value.length < minLength) throw new Error(`must have at least ${minLength} characters`);
    return value;
  };
}

/** Whether a host name of a URL is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
