import { hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Keys for separate purposes, each 32 bytes, all derived from `SECRET_KEY`; knowing one tells nothing of another. */
export interface DerivedKeys {
  /** Encrypts the private signing keys in the database (AES-256-GCM). */
  signingKeyEncryption: Buffer;
  /** Root of the per-session keys of refresh tokens. */
  refreshToken: Buffer;
  /** Signs list cursors. */
  cursor: Buffer;
  /** Seed of the Ed25519 key that signs checkpoints of the audit log. */
  auditCheckpoint: Buffer;
}

/** Derives the keys by HKDF-SHA-256 (RFC 5869) with the purpose as `info`. */
export function deriveKeys(secretKey: string): DerivedKeys {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secretKey, '', `docket:${purpose}`, 32));
  return {
    signingKeyEncryption: derive('signing-key-encryption'),
    refreshToken: derive('refresh-token'),
    cursor: derive('cursor'),
    auditCheckpoint: derive('audit-checkpoint'),
  };
}

/** The secret kept in the data directory, made there on the first start; several starts at once agree on one. */
export function keptSecretKey(dataDir: string): string {
  const path = join(dataDir, 'secret-key');
  const existing = readIfPresent(path);
  if (existing) return existing;
  mkdirSync(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'wx', 0o600);
  writeSync(file, randomBytes(48).toString('base64url'));
  fsyncSync(file);
  closeSync(file);
  try {
    // A link fails where the name exists already, so that the first of several starts wins.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(path, 'utf8');
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
