import { timingSafeEqual } from 'node:crypto';

/** A stored hash, understood: ready to be compared with passwords. */
export interface PasswordCheck {
  matches(password: string): Promise<boolean>;
}

/** A hash that passwords are not compared with; the message says why and completes "the hash …". */
export class UnusableHashError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'UnusableHashError';
  }
}

/** More than this is asked of no server for one sign-in. */
export const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

const MIN_SALT_BYTES = 8;
const MAX_SALT_BYTES = 64;
/** Fewer, and a hash would match passwords that it was not made of. */
const MIN_DIGEST_BYTES = 16;
const MAX_DIGEST_BYTES = 64;

/** Salt and digest of a hash, and what makes another digest to compare with. */
interface Derivation {
  salt: Buffer;
  digest: Buffer;
  derive(password: string): Promise<Buffer>;
}

/**
 * A check that derives a digest from the password and compares.
 * @throws UnusableHashError for a salt or a digest of an unreasonable length
 */
export function checkByDerivation({ salt, digest, derive }: Derivation): PasswordCheck {
  const isReasonable =
    isBetween(salt.length, MIN_SALT_BYTES, MAX_SALT_BYTES) &&
    isBetween(digest.length, MIN_DIGEST_BYTES, MAX_DIGEST_BYTES);
  if (!isReasonable) throw malformed();
  return {
    matches: async (password) => timingSafeEqual(await derive(password), digest),
  };
}

/** The groups of a hash by name. @throws UnusableHashError where it does not have the form */
export function partsOf(hash: string, form: RegExp): Record<string, string> {
  const groups = form.exec(hash)?.groups;
  if (!groups) throw malformed();
  return groups;
}

/** Base64 as hashes have it: with or without padding, `.` for `+` where a library writes so. */
export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64.replaceAll('.', '+'), 'base64');
}

/** @throws UnusableHashError where checking would take longer than about two seconds, or 256 MiB */
export function requireBearable(isBearable: boolean): void {
  if (!isBearable) throw new UnusableHashError('takes too much time or memory to check');
}

/** The refusal of a hash that does not have the form of its scheme. */
export function malformed(): UnusableHashError {
  return new UnusableHashError('does not have the form of its scheme');
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
