import { readArgon2id } from './argon2id.ts';
import { readBcrypt } from './bcrypt.ts';
import { type PasswordCheck, UnusableHashError } from './password-check.ts';
import { readDjangoPbkdf2, readPbkdf2, readWerkzeugPbkdf2 } from './pbkdf2.ts';
import { readScrypt, readWerkzeugScrypt } from './scrypt.ts';

const MAX_HASH_LENGTH = 512;

/** Every scheme, by how its hashes begin. */
const SCHEMES: readonly [RegExp, (hash: string) => PasswordCheck][] = [
  [/^\$2[aby]\$/, readBcrypt],
  [/^\$argon2id\$/, readArgon2id],
  [/^\$scrypt\$/, readScrypt],
  [/^scrypt:/, readWerkzeugScrypt],
  [/^\$pbkdf2[$-]/, readPbkdf2],
  [/^pbkdf2_/, readDjangoPbkdf2],
  [/^pbkdf2:/, readWerkzeugPbkdf2],
];

/**
 * Understands a stored hash by its beginning.
 * @throws UnusableHashError for other schemes, other forms, and what costs too much to check
 */
export function readPasswordHash(hash: string): PasswordCheck {
  const read = SCHEMES.find(([beginning]) => beginning.test(hash))?.[1];
  if (!read || hash.length > MAX_HASH_LENGTH) throw new UnusableHashError('is of no known scheme');
  return read(hash);
}
