import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** By which programs that look for leaked secrets know an API token. */
const API_TOKEN_PREFIX = 'dkt_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;
/** As many digits as 32 bytes and 32 bits need at most. */
const SECRET_DIGITS = 43;
const CHECKSUM_DIGITS = 6;
const HINT_LENGTH = 4;
const FORM = new RegExp(`^${API_TOKEN_PREFIX}[0-9A-Za-z]{${SECRET_DIGITS + CHECKSUM_DIGITS}}$`);

/** Makes a token: prefix, 256 random bits, and a checksum of both, all in letters and digits. */
export function newApiToken(): string {
  const secret = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`);
  const body = API_TOKEN_PREFIX + inBase62(secret, SECRET_DIGITS);
  return body + checksumOf(body);
}

/** Whether a text wants to be an API token, and not a token of another kind. */
export function claimsToBeApiToken(text: string): boolean {
  return text.startsWith(API_TOKEN_PREFIX);
}

/** Whether a text has the form of an API token, checksum included: only then it is worth a look. */
export function isApiToken(text: string): boolean {
  if (!FORM.test(text)) return false;
  const body = text.slice(0, -CHECKSUM_DIGITS);
  return text.endsWith(checksumOf(body));
}

/** What is stored in place of a token. */
export function hashApiToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The last characters, by which people recognise a token. */
export function hintOf(token: string): string {
  return token.slice(-HINT_LENGTH);
}

function checksumOf(body: string): string {
  return inBase62(BigInt(crc32(body)), CHECKSUM_DIGITS);
}

function inBase62(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  while (text.length < length) {
    text = DIGITS.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
