const EPOCH_MS = Date.UTC(2025, 0, 1);
const RANDOM_RANGE = 4096;

/** A new task id: milliseconds since 2025 times 4096 plus 12 random bits, so that ids sort by time and stay below 2^53. */
export function newTaskId(nowMs: number = Date.now()): number {
  const [random = 0] = crypto.getRandomValues(new Uint16Array(1));
  return (nowMs - EPOCH_MS) * RANDOM_RANGE + (random % RANDOM_RANGE);
}
