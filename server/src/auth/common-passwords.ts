import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shorter passwords are refused for their length, so the list has none. */
export const MIN_PASSWORD_LENGTH = 8;
/** Digits of a difference between two neighbours that are written as they are; see `read`. */
export const RICE_BITS = 12;
/** One of so many passwords that are not in the list is refused all the same: 0.024 %. */
export const PASSWORDS_PER_FALSE_ALARM = 2 ** RICE_BITS;
export const HEADER_BYTES = 8;

const FILE = join(import.meta.dirname, 'common-passwords.bin');

/** What the file holds: the numbers of the passwords in the list, ascending, all below `range`. */
interface CommonPasswords {
  range: number;
  values: Uint32Array;
}

let loaded: CommonPasswords | undefined;

/** Whether a password is one of the 220,000 most common ones, in upper or lower case. */
export function isCommonPassword(password: string): boolean {
  loaded ??= read(readFileSync(FILE));
  return contains(loaded.values, numberOf(password, loaded.range));
}

/** The number below `range` by which a password is looked up. */
export function numberOf(password: string, range: number): number {
  const digest = hash('sha256', canonicalPassword(password), 'buffer');
  return digest.readUIntBE(0, 6) % range;
}

/** The form in which passwords are compared with the list: NFC, lower case. */
export function canonicalPassword(password: string): string {
  return password.normalize('NFC').toLowerCase();
}

/**
 * Reads what `scripts/generate-common-passwords.ts` has written: range and count, then for each
 * value its difference from the one before, as a Rice code: the upper digits in unary (ones, then a
 * zero), then the lower `RICE_BITS` digits.
 */
function read(file: Buffer): CommonPasswords {
  const range = file.readUInt32BE(0);
  const values = new Uint32Array(file.readUInt32BE(4));
  let position = HEADER_BYTES * 8;
  const nextBit = () => {
    const bit = ((file[position >> 3] ?? 0) >> (7 - (position & 7))) & 1;
    position += 1;
    return bit;
  };
  let value = 0;
  for (let i = 0; i < values.length; i++) {
    let difference = 0;
    while (nextBit() === 1) difference += 1;
    for (let digit = 0; digit < RICE_BITS; digit++) difference = difference * 2 + nextBit();
    value += difference;
    values[i] = value;
  }
  return { range, values };
}

function contains(values: Uint32Array, wanted: number): boolean {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return values[low] === wanted;
}
