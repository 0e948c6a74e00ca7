import bcrypt from 'bcrypt';
import { afterEach, expect, test, vi } from 'vitest';
import { AppError } from '../errors.ts';
import { PasswordHasher } from './password-hash.ts';

/** Of the right form, and of no password. */
const CHEAP_HASH = `$2b$04$${'x'.repeat(53)}`;

afterEach(() => vi.restoreAllMocks());

/** Hashing that ends when the test says so. */
function holdHashing() {
  const release: (() => void)[] = [];
  vi.spyOn(bcrypt, 'compare').mockImplementation(
    () => new Promise<boolean>((resolve) => release.push(() => resolve(true))),
  );
  return release;
}

test('a hash is bcrypt of cost 12 and matches its own password alone', async () => {
  const hasher = new PasswordHasher(1);
  const hash = await hasher.hash('pässwörd 😀');
  expect(bcrypt.getRounds(hash)).toBe(12);
  expect(await hasher.matches('pässwörd 😀', hash)).toBe(true);
  expect(await hasher.matches('pässwörd', hash)).toBe(false);
});

test('nothing matches where there is no hash, not even what bcrypt says yes to', async () => {
  vi.spyOn(bcrypt, 'compare').mockImplementation(async () => true);
  expect(await new PasswordHasher(1).matches('x', null)).toBe(false);
});

test('a password of more than 72 bytes never matches, although bcrypt reads no further', async () => {
  const base = 'x'.repeat(72);
  const hash = await bcrypt.hash(base, 4);
  const hasher = new PasswordHasher(1);
  expect(await bcrypt.compare(`${base}y`, hash)).toBe(true);
  expect(await hasher.matches(`${base}y`, hash)).toBe(false);
  expect(await hasher.matches(base, hash)).toBe(true);
  expect(await hasher.matches(`${'é'.repeat(36)}x`, await bcrypt.hash('é'.repeat(36), 4))).toBe(
    false,
  );
});

test('only so many run at once; 64 wait in order; the next is refused with a time to come back', async () => {
  const release = holdHashing();
  const hasher = new PasswordHasher(2);
  const done: number[] = [];
  const calls = Array.from({ length: 66 }, (_, i) =>
    hasher.matches('x', CHEAP_HASH).then(() => done.push(i)),
  );
  await vi.waitFor(() => expect(release).toHaveLength(2));
  const refused = await hasher.matches('x', null).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({ code: 'server.overloaded', retryAfterSeconds: 2 });
  for (let i = 0; i < 66; i++) {
    await vi.waitFor(() => expect(release.length).toBeGreaterThan(i), { interval: 1 });
    expect(release.length - i).toBeLessThanOrEqual(2);
    release[i]?.();
  }
  await Promise.all(calls);
  expect(done).toEqual(Array.from({ length: 66 }, (_, i) => i));
});

test('a place is given back where hashing fails', async () => {
  const hasher = new PasswordHasher(1);
  vi.spyOn(bcrypt, 'compare').mockImplementationOnce(() => Promise.reject(new Error('broken')));
  await expect(hasher.matches('x', CHEAP_HASH)).rejects.toThrow('broken');
  vi.spyOn(bcrypt, 'compare').mockImplementationOnce(async () => true);
  expect(await hasher.matches('x', CHEAP_HASH)).toBe(true);
});
