import { isLoopbackHost, type Parser } from './parsers.ts';

const MIN_SECRET_BYTES = 32;
/** Far below what any random text of that length has. */
const MIN_DISTINCT_CHARACTERS = 8;
/** What stands in manuals and templates; long enough not to turn up in a random text. */
const PLACEHOLDER =
  /better-auth-secret|change[-_ ]?(me|this|it)|replace[-_ ]?(me|this|with)|your[-_ ]?(\w+[-_ ])*secret|placeholder|example[-_ ]?secret/i;

/** Whose tokens are taken beside our own, and how they are checked. */
export interface ForeignTokenSettings {
  /** Checks HS256; null: no such token is taken. */
  secret: string | null;
  /** Where the public keys are; null: no token with another algorithm is taken. */
  jwksUrl: string | null;
  /** null: any, or none. */
  issuer: string | null;
  audience: string | null;
  maxAgeSeconds: number;
  /** Whether somebody seen for the first time gets an account. */
  isProvisioning: boolean;
}

/** A secret shared with another server, as that has it: nothing that stands in a manual. */
export const sharedSecret: Parser<string> = (text) => {
  if (Buffer.byteLength(text) < MIN_SECRET_BYTES) {
    throw new Error(`must have at least ${MIN_SECRET_BYTES} bytes`);
  }
  if (PLACEHOLDER.test(text) || new Set(text).size < MIN_DISTINCT_CHARACTERS) {
    throw new Error('must be random, not a placeholder: make one with "openssl rand -base64 48"');
  }
  return text;
};

/** The address of a set of public keys, by https but for this machine. */
export const keySetUrl: Parser<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (!url || !isSafe || url.username || url.password || url.hash) {
    throw new Error('must be an https URL such as https://example.org/api/auth/jwks');
  }
  return text;
};
