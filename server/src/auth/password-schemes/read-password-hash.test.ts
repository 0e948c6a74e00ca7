import { expect, test } from 'vitest';
import { readPasswordHash } from './read-password-hash.ts';

const PASSWORD = 'pässword of an old system';
const [PHC_SALT, PASSLIB_SALT] = ['8PHy8/T19vf4+fr7/P3+/w', '8PHy8/T19vf4.fr7/P3./w'];
const DIGEST = 'A'.repeat(43);

// Made by other programs: argon2 by the reference implementation, bcrypt by libxcrypt, the others by
// the hashlib of Python.
const FOREIGN = [
  '$2a$04$abcdefghijklmnopqrstuuVZCGIZuB0hREIkfsDD9gXt3hDfuP9LC',
  '$2b$05$abcdefghijklmnopqrstuu2euyxzXkCtMSpVNwcWQPo8VVXISkvR.',
  '$2y$06$abcdefghijklmnopqrstuuDee9vIprSgPk0CH03vWt7SlDPSgbzRW',
  '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0MTIzNA$l56JyZbdzG/3b/HiBUiO/C1YotrNd3Z+6t1cBBvJA04',
  '$argon2id$v=19$m=8192,t=3,p=4$c2FsdHNhbHRzYWx0MTIzNA$DgLp7dcMQLzXbBp1hcVlrcWdTtS7nD+plDX2RgnkFvo',
  `$scrypt$ln=14,r=8,p=1$${PHC_SALT}$BHiYmgvnY9+sYsg6L/LJKTYUPlgOmXtoRtlwAR/pwZc`,
  'scrypt:32768:8:1$abcdefgh12345678$f59c8e8b4c2a600b57b8d1dea2ba63e0e0aa5de6e284c6ef4d6054be4eb3c3da88329cd3fea782222538e91640405c252eb8659fcf6799c2d8fdacdcf57cc499',
  `$pbkdf2$131000$${PASSLIB_SALT}$mqUatvVT1ZANrjzbQ3Gqd3hQC9E`,
  `$pbkdf2-sha256$29000$${PASSLIB_SALT}$PIhq9rS6srzYh4xzRk.fjAGp/R9muRLshzGhSSP4L5I`,
  `$pbkdf2-sha512$25000$${PASSLIB_SALT}$ywR3Hmng6XA8c/a8qrdkvDaKRHsmBNispj6qOtKXcBx8ykmELEbBZuZjBs9w2UoBDX9t33dxxW42f.WIJlJmZA`,
  `$pbkdf2-sha256$i=10000,l=32$${PHC_SALT}$jSCotO14eJn8hhb1KPw//obMcR54t+opjt7ZPWSTGdg`,
  'pbkdf2_sha256$260000$abcdefgh1234$s8MDCoaenAEf7BgnmCFoZxToBetQcTdVQBgGKhnqHEs=',
  'pbkdf2:sha256:150000$abcdefgh$f368953247fc241e0819462b752e46ea1a1cc241c0a77586c003158fa6369db6',
];

test.each(FOREIGN)('%s matches its password and no other', async (hash) => {
  const check = readPasswordHash(hash);
  expect(await check.matches(PASSWORD)).toBe(true);
  expect(await check.matches(`${PASSWORD} `)).toBe(false);
  expect(await check.matches('')).toBe(false);
});

test.each(FOREIGN)('%s with another digest does not match', async (hash) => {
  const at = hash.length - 5;
  const changed = hash.slice(0, at) + (hash[at] === '1' ? '2' : '1') + hash.slice(at + 1);
  expect(await readPasswordHash(changed).matches(PASSWORD)).toBe(false);
});

test.each([
  ['bcrypt of cost 14', `$2b$14$${'a'.repeat(53)}`],
  ['argon2id of 256 MiB, six times', `$argon2id$v=19$m=262144,t=6,p=1$${PHC_SALT}$${DIGEST}`],
  ['argon2id of little memory, 1000 times', `$argon2id$v=19$m=8,t=1000,p=1$${PHC_SALT}$${DIGEST}`],
  ['scrypt of 256 MiB', `$scrypt$ln=18,r=8,p=1$${PHC_SALT}$${DIGEST}`],
  ['scrypt of 128 MiB, five times', `scrypt:131072:8:5$abcdefgh$${'ab'.repeat(32)}`],
  ['scrypt of large blocks', `$scrypt$ln=9,r=4096,p=2$${PHC_SALT}$${DIGEST}`],
  ['two million rounds of PBKDF2', `$pbkdf2-sha256$2000000$${PHC_SALT}$${DIGEST}`],
])('%s is still checked, in bearable time', async (_name, hash) => {
  const startedAt = performance.now();
  expect(await readPasswordHash(hash).matches(PASSWORD)).toBe(false);
  // Two seconds where nothing else runs; tests share the machine.
  expect(performance.now() - startedAt).toBeLessThan(8000);
});

test.each([
  ['bcrypt of cost 15', `$2b$15$${'a'.repeat(53)}`],
  ['bcrypt of cost 31', `$2y$31$${'a'.repeat(53)}`],
  ['argon2id of more than 256 MiB', `$argon2id$v=19$m=262145,t=1,p=1$${PHC_SALT}$${DIGEST}`],
  ['argon2id of many passes', `$argon2id$v=19$m=262144,t=7,p=1$${PHC_SALT}$${DIGEST}`],
  ['argon2id of 1001 passes', `$argon2id$v=19$m=8,t=1001,p=1$${PHC_SALT}$${DIGEST}`],
  ['argon2id of 17 lanes', `$argon2id$v=19$m=1024,t=1,p=17$${PHC_SALT}$${DIGEST}`],
  ['scrypt of 512 MiB', `$scrypt$ln=19,r=8,p=1$${PHC_SALT}$${DIGEST}`],
  ['scrypt of 2^99 rounds', `$scrypt$ln=99,r=8,p=1$${PHC_SALT}$${DIGEST}`],
  ['scrypt of many lanes', `scrypt:131072:8:6$abcdefgh$${'ab'.repeat(32)}`],
  ['PBKDF2 of too many rounds', `$pbkdf2-sha256$2000001$${PHC_SALT}$${DIGEST}`],
  ['PBKDF2 of several blocks', `pbkdf2_sha1$1000001$abcdefgh$${DIGEST}=`],
])('%s costs too much and is refused', (_name, hash) => {
  expect(() => readPasswordHash(hash)).toThrow('takes too much time or memory to check');
});

test.each([
  ['nothing', ''],
  ['a password', 'hunter2'],
  ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
  ['argon2i', `$argon2i$v=19$m=4096,t=3,p=1$${PHC_SALT}$${DIGEST}`],
  ['the broken bcrypt', `$2x$10$${'a'.repeat(53)}`],
  ['SHA-512 crypt', `$6$rounds=5000$saltsalt$${'a'.repeat(86)}`],
  ['a text of 600 characters', `$argon2id$${'a'.repeat(600)}`],
])('%s is of no known scheme', (_name, hash) => {
  expect(() => readPasswordHash(hash)).toThrow('is of no known scheme');
});

test.each([
  ['bcrypt without a digest', '$2b$12$'],
  ['bcrypt with more behind it', `$2b$12$${'a'.repeat(53)}\n`],
  ['bcrypt of cost 3', `$2b$03$${'a'.repeat(53)}`],
  ['argon2id of an older version', `$argon2id$v=16$m=4096,t=3,p=1$${PHC_SALT}$${DIGEST}`],
  ['argon2id with no pass', `$argon2id$v=19$m=4096,t=0,p=1$${PHC_SALT}$${DIGEST}`],
  ['argon2id with too little memory', `$argon2id$v=19$m=31,t=1,p=4$${PHC_SALT}$${DIGEST}`],
  ['a digest of two bytes', `$argon2id$v=19$m=4096,t=3,p=1$${PHC_SALT}$AAA`],
  ['a digest of one character', `$pbkdf2-sha256$1000$${PHC_SALT}$A`],
  ['a salt of two bytes', `$pbkdf2-sha256$1000$AAA$${DIGEST}`],
  ['no rounds', `$pbkdf2-sha256$0$${PHC_SALT}$${DIGEST}`],
  ['a hash function that is not known', `pbkdf2_md5$1000$abcdefgh$${DIGEST}=`],
  ['scrypt whose N is no power of two', `scrypt:32767:8:1$abcdefgh$${'ab'.repeat(32)}`],
  ['scrypt whose N is 1', `$scrypt$ln=0,r=8,p=1$${PHC_SALT}$${DIGEST}`],
  ['scrypt whose r is 0', `$scrypt$ln=14,r=0,p=1$${PHC_SALT}$${DIGEST}`],
])('%s does not have the form of its scheme', (_name, hash) => {
  expect(() => readPasswordHash(hash)).toThrow('does not have the form of its scheme');
});
