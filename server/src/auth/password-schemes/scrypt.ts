import { type ScryptOptions, scrypt } from 'node:crypto';
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

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
/** N · r · p; so much takes a second and a half. */
const MAX_WORK = 5 * 2 ** 20;
const PHC =
  /^\$scrypt\$ln=(?<logN>\d{1,2}),r=(?<r>\d{1,4}),p=(?<p>\d{1,4})\$(?<salt>[A-Za-z0-9+/]+)\$(?<digest>[A-Za-z0-9+/]+)$/;
const WERKZEUG =
  /^scrypt:(?<n>\d{1,9}):(?<r>\d{1,4}):(?<p>\d{1,4})\$(?<salt>[A-Za-z0-9]+)\$(?<digest>(?:[a-f0-9]{2})+)$/;

/** Reads `$scrypt$ln=…,r=…,p=…$salt$digest`. @throws UnusableHashError */
export function readScrypt(hash: string): PasswordCheck {
  const { logN, r, p, salt = '', digest = '' } = partsOf(hash, PHC);
  const cost = { N: 2 ** Number(logN), r: Number(r), p: Number(p) };
  return checkScrypt(cost, bytesOf(salt), bytesOf(digest));
}

/** Reads `scrypt:N:r:p$salt$digest` of Werkzeug. @throws UnusableHashError */
export function readWerkzeugScrypt(hash: string): PasswordCheck {
  const { n, r, p, salt = '', digest = '' } = partsOf(hash, WERKZEUG);
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  return checkScrypt(cost, Buffer.from(salt), Buffer.from(digest, 'hex'));
}

function checkScrypt(
  cost: { N: number; r: number; p: number },
  salt: Buffer,
  digest: Buffer,
): PasswordCheck {
  const { N, r, p } = cost;
  if (N < 2 || !Number.isInteger(Math.log2(N)) || r < 1 || p < 1) throw malformed();
  requireBearable(128 * N * r <= MAX_MEMORY_BYTES && N * r * p <= MAX_WORK);
  // Node counts some buffers more than the algorithm names.
  const options = { ...cost, maxmem: 2 * MAX_MEMORY_BYTES };
  return checkByDerivation({
    salt,
    digest,
    derive: (password) => derive(password, salt, digest.length, options),
  });
}
