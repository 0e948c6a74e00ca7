import bcrypt from 'bcrypt';
import { type PasswordCheck, partsOf, requireBearable } from './password-check.ts';

/** bcrypt reads no further: two longer passwords with the same beginning would be one. */
export const MAX_PASSWORD_BYTES = 72;
/** A second of one core; each step more takes twice as long. */
const MAX_COST = 14;
const FORM = /^\$2[aby]\$(?<cost>0[4-9]|[12]\d|3[01])\$(?<rest>[./A-Za-z0-9]{53})$/;

/**
 * Reads `$2a$`, `$2b$` and `$2y$`, which are the same for passwords of at most 72 bytes. Over-long
 * passwords never match.
 * @throws UnusableHashError
 */
export function readBcrypt(hash: string): PasswordCheck {
  const { cost = '', rest } = partsOf(hash, FORM);
  requireBearable(Number(cost) <= MAX_COST);
  const current = `$2b$${cost}$${rest}`;
  return {
    async matches(password) {
      const isEqual = await bcrypt.compare(password, current);
      return isEqual && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
    },
  };
}
