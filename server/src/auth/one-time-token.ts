import { hash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const FORM = /^[\w-]{43}$/;

/** Makes a token for a link that is good once: 256 random bits. */
export function newOneTimeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a text has the form of such a token: only then it is worth a look. */
export function isOneTimeToken(text: string): boolean {
  return FORM.test(text);
}

/** What is stored in place of a token. */
export function hashOneTimeToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The link to a page of the server; what stands in the fragment is sent to no server, so that none can log it. */
export function linkWithToken(publicUrl: string, page: string, token: string): string {
  return `${publicUrl}/${page}#${token}`;
}
