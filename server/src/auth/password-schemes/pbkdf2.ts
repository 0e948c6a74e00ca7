import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import {
  bytesOf,
  checkByDerivation,
  malformed,
  type PasswordCheck,
  partsOf,
  requireBearable,
} from './password-check.ts';

const derive = promisify(pbkdf2);
/** Bytes that one round makes, by hash function. */
const BLOCK_BYTES: Record<string, number> = { sha1: 20, sha256: 32, sha512: 64 };
/** A second, without instructions made for it. */
const MAX_ROUNDS = 2_000_000;
const PASSLIB =
  /^\$pbkdf2(?:-(?<name>sha256|sha512))?\$(?:i=)?(?<rounds>[1-9]\d{0,8})(?:,l=\d{1,2})?\$(?<salt>[A-Za-z0-9+./]+)\$(?<digest>[A-Za-z0-9+./]+)$/;
const DJANGO =
  /^pbkdf2_(?<name>sha1|sha256)\$(?<rounds>[1-9]\d{0,8})\$(?<salt>[^$]+)\$(?<digest>[A-Za-z0-9+/]+={0,2})$/;
const WERKZEUG =
  /^pbkdf2:(?<name>sha1|sha256|sha512):(?<rounds>[1-9]\d{0,8})\$(?<salt>[A-Za-z0-9]+)\$(?<digest>(?:[a-f0-9]{2})+)$/;

/** Reads `$pbkdf2-sha256$rounds$salt$digest` of Passlib, also as `i=rounds,l=length`. @throws UnusableHashError */
export function readPbkdf2(hash: string): PasswordCheck {
  const { name = 'sha1', rounds, salt = '', digest = '' } = partsOf(hash, PASSLIB);
  return checkPbkdf2(name, Number(rounds), bytesOf(salt), bytesOf(digest));
}

/** Reads `pbkdf2_sha256$rounds$salt$digest` of Django. @throws UnusableHashError */
export function readDjangoPbkdf2(hash: string): PasswordCheck {
  const { name = '', rounds, salt = '', digest = '' } = partsOf(hash, DJANGO);
  return checkPbkdf2(name, Number(rounds), Buffer.from(salt), bytesOf(digest));
}

/** Reads `pbkdf2:sha256:rounds$salt$digest` of Werkzeug. @throws UnusableHashError */
export function readWerkzeugPbkdf2(hash: string): PasswordCheck {
  const { name = '', rounds, salt = '', digest = '' } = partsOf(hash, WERKZEUG);
  return checkPbkdf2(name, Number(rounds), Buffer.from(salt), Buffer.from(digest, 'hex'));
}

function checkPbkdf2(name: string, rounds: number, salt: Buffer, digest: Buffer): PasswordCheck {
  const blockBytes = BLOCK_BYTES[name];
  if (blockBytes === undefined) throw malformed();
  requireBearable(rounds * Math.ceil(digest.length / blockBytes) <= MAX_ROUNDS);
  return checkByDerivation({
    salt,
    digest,
    derive: (password) => derive(password, salt, rounds, digest.length, name),
  });
}
