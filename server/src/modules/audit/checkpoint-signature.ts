import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';

/** What the chain was at a time. */
interface CheckpointContent {
  position: number;
  hash: Buffer;
  /** RFC 3339 with milliseconds. */
  createdAt: string;
}

/** A raw Ed25519 seed becomes PKCS #8, and a raw public key SPKI, by these prefixes (RFC 8410). */
const PRIVATE_KEY_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** Signs a checkpoint with the key that belongs to a seed of 32 bytes. */
export function signCheckpoint(seed: Buffer, content: CheckpointContent): Buffer {
  return sign(null, messageOf(content), privateKeyOf(seed));
}

/** Whether one of the keys has signed the checkpoint. */
export function isSignedBy(
  keys: readonly KeyObject[],
  content: CheckpointContent,
  signature: Buffer,
): boolean {
  return keys.some((key) => verify(null, messageOf(content), key, signature));
}

/** The key that signatures made with a seed are checked by. */
export function publicKeyOf(seed: Buffer): KeyObject {
  return createPublicKey(privateKeyOf(seed));
}

/** The key as text: 32 bytes in base64url. */
export function publicKeyText(key: KeyObject): string {
  const der = key.export({ format: 'der', type: 'spki' });
  return der.subarray(PUBLIC_KEY_PREFIX.length).toString('base64url');
}

/** Reads what `publicKeyText` wrote; null for anything else. */
export function readPublicKey(text: string): KeyObject | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== text) return null;
  const key = Buffer.concat([PUBLIC_KEY_PREFIX, bytes]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

/** What is signed of a stored checkpoint. A time that is none was put there by somebody else: it stays as it is. */
export function contentOf(row: {
  position: number;
  hash: Buffer;
  created_at: string;
}): CheckpointContent {
  const { position, hash, created_at: text } = row;
  try {
    return { position, hash, createdAt: toRfc3339(text) };
  } catch {
    return { position, hash, createdAt: text };
  }
}

function privateKeyOf(seed: Buffer): KeyObject {
  const key = Buffer.concat([PRIVATE_KEY_PREFIX, seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function messageOf({ position, hash, createdAt }: CheckpointContent): Buffer {
  return Buffer.from(`docket audit checkpoint\n${position}\n${hash.toString('hex')}\n${createdAt}`);
}
