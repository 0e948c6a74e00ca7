import { createHash, randomInt } from 'node:crypto';

const EPOCH_MS = Date.UTC(2025, 0, 1);
const RANDOM_VALUES = 4096;

/**
 * A new task id: 41 bits of milliseconds since 2025 and 12 random bits, so that ids are in order of
 * time, fit a JSON number exactly, and rarely collide within one user's tasks.
 */
export function newTaskId(nowMs: number = Date.now()): number {
  return (nowMs - EPOCH_MS) * RANDOM_VALUES + randomInt(RANDOM_VALUES);
}

/**
 * The id of a task from elsewhere: 52 bits of the SHA-256 of where it comes from, the same for every
 * import. They lie in the upper half, which ids of new tasks reach in 2059.
 */
export function importedTaskId(origin: readonly string[]): number {
  const digest = createHash('sha256').update(JSON.stringify(origin)).digest();
  return 2 ** 52 + digest.readUIntBE(0, 6) * 16 + (digest.readUInt8(6) & 15);
}

/** The id that a path segment writes; null for every other text. */
export function parseTaskId(text: string): number | null {
  if (!/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
}
