import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { isEmailAddress } from './email-address.ts';
import { RemoteKeys } from './remote-keys.ts';

const SECRET_ALGORITHM = 'HS256';
/** Nothing symmetric: a public key must never pass for a secret. */
const KEY_ALGORITHMS = [
  ...['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512'],
  ...['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'],
];
/** Kinds of token that say of themselves to be another kind are none of a sign-in. */
const TOKEN_TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);
/** Claims of what else is signed with the same secret: links to verify an address, copies of a session. */
const OTHER_USES = ['session', 'user', 'updateTo', 'requestType'];
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_CACHED = 20_000;
const MAX_TOKEN_CHARACTERS = 8192;
const MAX_NAME_LENGTH = 255;
/** As long as people may call themselves. */
const MAX_NAME_SHOWN = 100;

/** Whom another front end vouches for. */
export interface ForeignClaims {
  /** null: the token names none. */
  issuer: string | null;
  /** What that front end calls the person. */
  subject: string;
  /** null unless the token says that the address is proven to be theirs. */
  email: string | null;
  name: string | null;
  expiresAtSeconds: number;
}

/** What tokens have to say, and how they are checked; one of the two keys is there. */
export interface ForeignTokenRules {
  secret: string | null;
  jwksUrl: string | null;
  issuer: string | null;
  audience: string | null;
  maxAgeSeconds: number;
}

/**
 * Checks tokens of another front end. A checked token is remembered, by the SHA-256 of its exact
 * text, until it expires; whether the person behind it may come in is asked elsewhere, each time.
 */
export class ForeignTokens {
  readonly #rules: ForeignTokenRules;
  readonly #secret: Uint8Array | null;
  readonly #keys: RemoteKeys | null;
  readonly #verified = new LRUCache<string, ForeignClaims>({ max: MAX_CACHED });

  constructor(rules: ForeignTokenRules) {
    this.#rules = rules;
    this.#secret = rules.secret === null ? null : new TextEncoder().encode(rules.secret);
    this.#keys = rules.jwksUrl === null ? null : new RemoteKeys(rules.jwksUrl);
  }

  /**
   * Checks a token: at once where it was checked before, else by its signature.
   * @throws token.invalid, token.expired, foreign_keys.unavailable
   */
  verify(token: string): ForeignClaims | Promise<ForeignClaims> {
    const digest = hash('sha256', token, 'base64');
    const known = this.#verified.get(digest);
    if (!known) return this.#verifySignature(token, digest);
    if (known.expiresAtSeconds * 1000 > Date.now()) return known;
    this.#verified.delete(digest);
    throw new AppError('token.expired');
  }

  async #verifySignature(token: string, digest: string): Promise<ForeignClaims> {
    if (token.length > MAX_TOKEN_CHARACTERS) throw new AppError('token.invalid');
    try {
      const payload = await this.#readPayload(token);
      const claims = claimsOf(payload, this.#rules.maxAgeSeconds);
      this.#verified.set(digest, claims);
      return claims;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new AppError('token.expired', { cause: error });
      if (error instanceof errors.JOSEError) throw new AppError('token.invalid', { cause: error });
      throw error;
    }
  }

  /** The token's own word on its algorithm only chooses the key, which takes no other. */
  async #readPayload(token: string): Promise<JWTPayload> {
    const { alg, typ } = readHeader(token);
    if (!TOKEN_TYPES.has(typ)) throw new errors.JWTInvalid('a token of another kind');
    const { issuer, audience } = this.#rules;
    const options = {
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      ...(issuer !== null && { issuer }),
      ...(audience !== null && { audience }),
    };
    if (alg === SECRET_ALGORITHM && this.#secret) {
      const algorithms = [SECRET_ALGORITHM];
      return (await jwtVerify(token, this.#secret, { ...options, algorithms })).payload;
    }
    if (alg === SECRET_ALGORITHM || !this.#keys) throw new errors.JOSEAlgNotAllowed();
    const algorithms = KEY_ALGORITHMS;
    return (await jwtVerify(token, this.#keys.find, { ...options, algorithms })).payload;
  }
}

/** Whether a token says of itself to be one of ours; those are never taken for a foreign one. */
export function claimsToBeOurs(token: string, issuer: string): boolean {
  try {
    return decodeJwt(token).iss === issuer && decodeProtectedHeader(token).typ === 'at+jwt';
  } catch {
    return false;
  }
}

function readHeader(token: string): { alg: string | undefined; typ: string | undefined } {
  try {
    const { alg, typ } = decodeProtectedHeader(token);
    return { alg, typ: typeof typ === 'string' ? typ.toLowerCase() : typ };
  } catch (error) {
    throw new errors.JWTInvalid('no token', { cause: error });
  }
}

/** A good signature says who wrote the claims, not that they are about a sign-in. */
function claimsOf(payload: JWTPayload, maxAgeSeconds: number): ForeignClaims {
  const { sub, iss, exp = 0, iat, name } = payload;
  if (OTHER_USES.some((claim) => claim in payload)) {
    throw new errors.JWTInvalid('a token for another use');
  }
  if (!isName(sub) || (iss !== undefined && !isName(iss))) {
    throw new errors.JWTInvalid('a claim is of the wrong type');
  }
  const nowSeconds = Math.floor(Date.now() / 1000);
  // Of a token that does not say when it was issued only the rest of its life is known.
  const issuedAt = iat ?? nowSeconds;
  if (issuedAt > nowSeconds + CLOCK_TOLERANCE_SECONDS || exp - issuedAt > maxAgeSeconds) {
    throw new errors.JWTInvalid('good for too long');
  }
  return {
    issuer: iss ?? null,
    subject: sub,
    email: provenEmail(payload),
    name: isName(name) ? [...name.trim()].slice(0, MAX_NAME_SHOWN).join('') || null : null,
    expiresAtSeconds: exp,
  };
}

/** Text that can be stored, and that is there. */
function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME_LENGTH) return false;
  return !value.includes('\0') && value.isWellFormed();
}

function provenEmail({ email, email_verified: isProven, emailVerified: isMarked }: JWTPayload) {
  if (isProven !== true && isMarked !== true) return null;
  return typeof email === 'string' && isEmailAddress(email) ? email : null;
}
