import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import {
  bytesOf,
  checkByDerivation,
  MAX_MEMORY_BYTES,
  malformed,
  type PasswordCheck,
  partsOf,
  requireBearable,
} from './password-check.ts';

const derive = promisify(argon2);
const MAX_MEMORY_KIB = MAX_MEMORY_BYTES / 1024;
/** Six passes over 256 MiB take a second and a half. */
const MAX_KIB_PASSES = 6 * MAX_MEMORY_KIB;
const MAX_PASSES = 1000;
const MAX_PARALLELISM = 16;
const FORM =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,9}),t=(?<passes>\d{1,9}),p=(?<parallelism>\d{1,3})\$(?<salt>[A-Za-z0-9+/]+)\$(?<digest>[A-Za-z0-9+/]+)$/;

/** Reads `$argon2id$v=19$m=…,t=…,p=…$salt$digest`. @throws UnusableHashError */
export function readArgon2id(hash: string): PasswordCheck {
  const parts = partsOf(hash, FORM);
  const { salt, digest } = { salt: bytesOf(parts.salt ?? ''), digest: bytesOf(parts.digest ?? '') };
  const memory = Number(parts.memory);
  const passes = Number(parts.passes);
  const parallelism = Number(parts.parallelism);
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism) throw malformed();
  requireBearable(
    memory <= MAX_MEMORY_KIB &&
      passes <= MAX_PASSES &&
      memory * passes <= MAX_KIB_PASSES &&
      parallelism <= MAX_PARALLELISM,
  );
  const cost = { memory, passes, parallelism, nonce: salt, tagLength: digest.length };
  return checkByDerivation({
    salt,
    digest,
    derive: (message) => derive('argon2id', { message, ...cost }),
  });
}
