import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { TokenKeys } from '../../auth/access-token.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { Database, Queryable } from '../../platform/postgres/database.ts';
import * as repository from './signing-keys.repository.ts';

const ROTATE_AFTER_DAYS = 90;
/** Long enough after the successor takes over that every token signed with the key has expired. */
const LIFE_DAYS = ROTATE_AFTER_DAYS + 2;
/** A successor is published this long before it signs, so that every replica and client knows it. */
const PUBLISH_AHEAD_SECONDS = 3600;
const REFRESH_EVERY_MS = 10 * 60 * 1000;
/** An unknown `kid` makes us look again, but not for each of a stream of forged tokens. */
const MIN_LOOKUP_INTERVAL_MS = 5000;
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface LoadedKey {
  kid: string;
  publicJwk: JWK;
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

/** The key pairs that sign access tokens: kept in the database, private halves encrypted, rotated every 90 days. */
export class SigningKeys implements TokenKeys {
  readonly #db: Database;
  readonly #encryptionKey: Buffer;
  readonly #onError: (error: unknown) => void;
  #keys = new Map<string, LoadedKey>();
  #signing: LoadedKey | null = null;
  #loadedAtMs = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param onError told when keeping the keys fresh fails; those known stay in use */
  constructor(db: Database, encryptionKey: Buffer, onError: (error: unknown) => void) {
    this.#db = db;
    this.#encryptionKey = encryptionKey;
    this.#onError = onError;
  }

  /**
   * Loads the keys, making the first where there is none, and keeps them fresh until `close`.
   * @throws ConfigError when the keys were encrypted under another `SECRET_KEY`
   */
  async start(): Promise<void> {
    await this.#ensureAndLoad();
    this.#timer = setInterval(() => this.#ensureAndLoad().catch(this.#onError), REFRESH_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  signingKey(): { kid: string; privateKey: CryptoKey } {
    if (!this.#signing) throw new Error('no signing key is loaded');
    return this.#signing;
  }

  async verificationKey(kid: string): Promise<CryptoKey | null> {
    const known = this.#keys.get(kid);
    if (known) return known.publicKey;
    if (Date.now() - this.#loadedAtMs < MIN_LOOKUP_INTERVAL_MS) return null;
    this.#loadedAtMs = Date.now();
    await this.#load(await repository.listSigningKeys(this.#db, ROTATE_AFTER_DAYS));
    return this.#keys.get(kid)?.publicKey ?? null;
  }

  /** The public halves as a JSON Web Key Set (RFC 7517 §5). */
  jwks(): { keys: JWK[] } {
    return { keys: [...this.#keys.values()].map((key) => key.publicJwk) };
  }

  async #ensureAndLoad(): Promise<void> {
    let rows = await repository.listSigningKeys(this.#db, ROTATE_AFTER_DAYS);
    if (needsKey(rows)) {
      rows = await this.#db.transaction((tx) => addKeyIfNeeded(tx, this.#encryptionKey));
    }
    await this.#load(rows);
  }

  async #load(rows: repository.SigningKeyRow[]): Promise<void> {
    const loaded = await Promise.all(
      rows.map(async (row) => this.#keys.get(row.kid) ?? (await this.#open(row))),
    );
    this.#keys = new Map(loaded.map((key) => [key.kid, key]));
    const active = rows.find((row) => row.is_active);
    this.#signing = (active && this.#keys.get(active.kid)) ?? null;
    this.#loadedAtMs = Date.now();
  }

  async #open(row: repository.SigningKeyRow): Promise<LoadedKey> {
    const publicJwk = row.public_jwk as JWK;
    const privateJwk = decryptKey(this.#encryptionKey, row.kid, row.private_key_encrypted);
    return {
      kid: row.kid,
      publicJwk,
      publicKey: (await importJWK(publicJwk, 'ES256')) as CryptoKey,
      privateKey: (await importJWK(privateJwk, 'ES256')) as CryptoKey,
    };
  }
}

/**
 * Retires all keys and makes a new one: everybody's access tokens end, on servers that run as
 * soon as they are started anew. Also the way to go
 * on after `SECRET_KEY` was lost.
 * @returns the number of keys retired
 */
export async function replaceSigningKeys(db: Database, encryptionKey: Buffer): Promise<number> {
  return db.transaction(async (tx) => {
    await repository.lockSigningKeys(tx);
    const count = await repository.retireSigningKeys(tx);
    await insertKey(tx, encryptionKey, 0);
    return count;
  });
}

function needsKey(rows: repository.SigningKeyRow[]): boolean {
  return rows[0] === undefined || rows[0].is_old || !rows.some((row) => row.is_active);
}

async function addKeyIfNeeded(tx: Queryable, encryptionKey: Buffer) {
  await repository.lockSigningKeys(tx);
  const rows = await repository.listSigningKeys(tx, ROTATE_AFTER_DAYS);
  if (!needsKey(rows)) return rows;
  const hasActive = rows.some((row) => row.is_active);
  await insertKey(tx, encryptionKey, hasActive ? PUBLISH_AHEAD_SECONDS : 0);
  return repository.listSigningKeys(tx, ROTATE_AFTER_DAYS);
}

async function insertKey(tx: Queryable, encryptionKey: Buffer, activeInSeconds: number) {
  const kid = randomUUID();
  const pair = await generateKeyPair('ES256', { extractable: true });
  const publicJwk: JWK = { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' };
  await repository.insertSigningKey(tx, {
    kid,
    publicJwk: JSON.stringify(publicJwk),
    privateKeyEncrypted: encryptKey(encryptionKey, kid, await exportJWK(pair.privateKey)),
    activeInSeconds,
    lifeDays: LIFE_DAYS,
  });
}

/** AES-256-GCM with the key id as associated data: iv, tag, ciphertext. */
function encryptKey(encryptionKey: Buffer, kid: string, privateJwk: JWK): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', encryptionKey, iv).setAAD(Buffer.from(kid));
  const body = Buffer.concat([cipher.update(JSON.stringify(privateJwk)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

function decryptKey(encryptionKey: Buffer, kid: string, sealed: Buffer): JWK {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey, iv)
    .setAAD(Buffer.from(kid))
    .setAuthTag(tag);
  try {
    const body = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
    return JSON.parse(Buffer.concat([body, decipher.final()]).toString());
  } catch {
    throw new ConfigError([
      'SECRET_KEY is not the one that this database was used with. Set it back; if it is lost, "docket keys-replace" makes new signing keys and everybody signs in again',
    ]);
  }
}
