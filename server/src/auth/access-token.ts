import { hash, randomUUID } from 'node:crypto';
import { type CryptoKey, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import { isPermission, type Permission } from './permissions.ts';
import { isUuid } from './uuid.ts';

export const ACCESS_TOKEN_LIFE_SECONDS = 15 * 60;
/** How far the clocks of two replicas may be apart. */
const CLOCK_TOLERANCE_SECONDS = 5;
const TOKEN_TYPE = 'at+jwt';
const ALGORITHM = 'ES256';
const MAX_CACHED = 20_000;
/** Ours have about 500 characters; parsing is not attempted on anything that cannot be one. */
const MAX_TOKEN_CHARACTERS = 4096;

/** What an access token says (RFC 9068, plus `sid` and `ver`). */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  /** The user's `auth_version` when the token was issued. */
  authVersion: number;
  /** When the person last proved who they are, in seconds since the epoch. */
  authenticatedAtSeconds: number;
  expiresAtSeconds: number;
  permissions: ReadonlySet<Permission>;
}

/** What is needed to issue a token. */
interface NewAccessToken extends Omit<AccessClaims, 'expiresAtSeconds' | 'permissions'> {
  permissions: readonly Permission[];
}

/** Where the keys come from; `verificationKey` answers null for an unknown `kid`. */
export interface TokenKeys {
  signingKey(): { kid: string; privateKey: CryptoKey };
  verificationKey(kid: string): Promise<CryptoKey | null>;
}

/** Issues and checks access tokens. A checked token is remembered, by the SHA-256 of its exact text, until it expires. */
export class AccessTokens {
  readonly #keys: TokenKeys;
  readonly #issuer: string;
  readonly #verified = new LRUCache<string, AccessClaims>({ max: MAX_CACHED });

  /** @param issuer origin of the server, which is both issuer and audience */
  constructor(keys: TokenKeys, issuer: string) {
    this.#keys = keys;
    this.#issuer = issuer;
  }

  /** Issues a token of 15 minutes. */
  async issue(claims: NewAccessToken): Promise<string> {
    const { kid, privateKey } = this.#keys.signingKey();
    const nowSeconds = Math.floor(Date.now() / 1000);
    return new SignJWT({
      sid: claims.sessionId,
      ver: claims.authVersion,
      auth_time: claims.authenticatedAtSeconds,
      permissions: claims.permissions,
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid })
      .setIssuer(this.#issuer)
      .setAudience(this.#issuer)
      .setSubject(claims.userId)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + ACCESS_TOKEN_LIFE_SECONDS)
      .sign(privateKey);
  }

  /**
   * Checks a token: at once where it was checked before, else by its signature.
   * @throws token.invalid, token.expired
   */
  verify(token: string): AccessClaims | Promise<AccessClaims> {
    const digest = hash('sha256', token, 'base64');
    const known = this.#verified.get(digest);
    if (!known) return this.#verifySignature(token, digest);
    if (known.expiresAtSeconds * 1000 > Date.now()) return known;
    this.#verified.delete(digest);
    throw new AppError('token.expired');
  }

  async #verifySignature(token: string, digest: string): Promise<AccessClaims> {
    if (token.length > MAX_TOKEN_CHARACTERS) throw new AppError('token.invalid');
    const claims = await this.#readClaims(token);
    this.#verified.set(digest, claims);
    return claims;
  }

  async #readClaims(token: string): Promise<AccessClaims> {
    const findKey = async ({ kid }: { kid?: string }) => {
      const key = kid === undefined ? null : await this.#keys.verificationKey(kid);
      if (key === null) throw new errors.JWKSNoMatchingKey();
      return key;
    };
    try {
      const { payload } = await jwtVerify(token, findKey, {
        algorithms: [ALGORITHM],
        typ: TOKEN_TYPE,
        issuer: this.#issuer,
        audience: this.#issuer,
        requiredClaims: ['sub', 'exp', 'iat', 'jti', 'sid', 'ver', 'auth_time', 'permissions'],
        maxTokenAge: ACCESS_TOKEN_LIFE_SECONDS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return claimsOf(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new AppError('token.expired', { cause: error });
      if (error instanceof errors.JOSEError) throw new AppError('token.invalid', { cause: error });
      throw error;
    }
  }
}

/** A good signature says who wrote the claims, not that each is of the right type. */
function claimsOf(payload: JWTPayload): AccessClaims {
  const { sub, sid, ver, auth_time: authTime, exp, permissions } = payload;
  const isWellFormed =
    typeof sub === 'string' && isUuid(sub) && typeof sid === 'string' && isUuid(sid);
  if (
    !isWellFormed ||
    !Number.isInteger(ver) ||
    !Number.isInteger(authTime) ||
    !Array.isArray(permissions)
  ) {
    throw new errors.JWTInvalid('a claim is of the wrong type');
  }
  return {
    userId: sub,
    sessionId: sid,
    authVersion: Number(ver),
    authenticatedAtSeconds: Number(authTime),
    expiresAtSeconds: Number(exp),
    // A permission of a later release means nothing here.
    permissions: new Set(permissions.filter(isPermission)),
  };
}
