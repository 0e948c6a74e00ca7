import { setTimeout as delay } from 'node:timers/promises';

const POLL_EVERY_MS = 20;

/**
 * Asks again and again until the answer is true.
 * @throws Error after `timeoutMs`
 */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs = 5000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not so after ${timeoutMs} ms`);
    await delay(POLL_EVERY_MS);
  }
}
