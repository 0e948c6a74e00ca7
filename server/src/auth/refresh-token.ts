import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a refresh token says: whose session it is and how often that has been refreshed. */
export interface RefreshClaims {
  userId: string;
  sessionId: string;
  counter: number;
}

const UUID_BYTES = 16;
const PAYLOAD_BYTES = 2 * UUID_BYTES + 4;
const MAC_BYTES = 32;

/**
 * Packs a refresh token: user, session and counter, sealed by HMAC-SHA-256 under a key of that
 * session derived from `rootKey`. Nothing of it is stored, so a copy of the database holds no token.
 */
export function sealRefreshToken(rootKey: Buffer, claims: RefreshClaims): string {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.write(claims.userId.replaceAll('-', ''), 0, 'hex');
  payload.write(claims.sessionId.replaceAll('-', ''), UUID_BYTES, 'hex');
  payload.writeUInt32BE(claims.counter, 2 * UUID_BYTES);
  return Buffer.concat([payload, macOf(rootKey, payload)]).toString('base64url');
}

/** Unpacks a refresh token; null for anything that this server did not seal. */
export function openRefreshToken(rootKey: Buffer, token: string): RefreshClaims | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== PAYLOAD_BYTES + MAC_BYTES) return null;
  if (bytes.toString('base64url') !== token) return null;
  const payload = bytes.subarray(0, PAYLOAD_BYTES);
  if (!timingSafeEqual(bytes.subarray(PAYLOAD_BYTES), macOf(rootKey, payload))) return null;
  return {
    userId: uuidAt(payload, 0),
    sessionId: uuidAt(payload, UUID_BYTES),
    counter: payload.readUInt32BE(2 * UUID_BYTES),
  };
}

function macOf(rootKey: Buffer, payload: Buffer): Buffer {
  const sessionKey = createHmac('sha256', rootKey)
    .update(payload.subarray(0, 2 * UUID_BYTES))
    .digest();
  return createHmac('sha256', sessionKey).update(payload).digest();
}

function uuidAt(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
