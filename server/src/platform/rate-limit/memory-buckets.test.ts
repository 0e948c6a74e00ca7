import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketRule } from './bucket.ts';
import { MemoryBuckets } from './memory-buckets.ts';

const rule = (count: number, periodSeconds: number) =>
  bucketRule('test', 'local', { count, periodSeconds });

test('a bucket holds its count, fills evenly, and never holds more', () => {
  let nowMs = 0;
  const buckets = new MemoryBuckets();
  const take = () => buckets.take(rule(2, 60), 'k', 0, nowMs * 1000);
  expect([take(), take(), take()].map((d) => [d.isAllowed, d.remaining])).toEqual([
    [true, 1],
    [true, 0],
    [false, 0],
  ]);
  expect(take().resetSeconds).toBe(30);
  nowMs += 29_999;
  expect(take().isAllowed).toBe(false);
  nowMs += 1;
  expect(take().isAllowed).toBe(true);
  nowMs += 10 * 60_000;
  expect([take(), take(), take()].map((d) => d.isAllowed)).toEqual([true, true, false]);
});

test('in no window are more than twice the count allowed, and waiting as told is always enough', () => {
  const steps = fc.array(fc.nat({ max: 5000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (gaps, count) => {
      let nowMs = 0;
      const buckets = new MemoryBuckets();
      const tenSeconds = rule(count, 10);
      const take = () => buckets.take(tenSeconds, 'k', 0, nowMs * 1000);
      const allowedAt: number[] = [];
      for (const gap of gaps) {
        nowMs += gap;
        const decision = take();
        if (decision.isAllowed) allowedAt.push(nowMs);
        else if (decision.resetSeconds * 1000 > gap) {
          nowMs += decision.resetSeconds * 1000;
          expect(take().isAllowed).toBe(true);
          allowedAt.push(nowMs);
        }
      }
      for (const start of allowedAt) {
        const inWindow = allowedAt.filter((at) => at >= start && at < start + 10_000);
        expect(inWindow.length).toBeLessThanOrEqual(2 * count);
      }
    }),
  );
});
