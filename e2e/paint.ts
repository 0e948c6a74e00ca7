import type { Page } from '@playwright/test';

interface Timing {
  paintMs: Promise<number>;
}

/**
 * Milliseconds from the key press or click that `act` causes to the end of the first frame in which `isPainted`
 * holds. `isPainted` runs in the page and knows nothing but `text`.
 */
export async function timeToPaint(
  page: Page,
  act: () => Promise<void>,
  isPainted: (text: string) => boolean,
  text = '',
): Promise<number> {
  const condition = await page.evaluateHandle<(text: string) => boolean>(`(${isPainted})`);
  await page.evaluate(
    ([holds, argument]) => {
      (window as unknown as Timing).paintMs = new Promise((resolve) => {
        const stop = new AbortController();
        const begin = (event: Event) => {
          stop.abort();
          const check = () => {
            if (!holds(argument)) return requestAnimationFrame(check);
            return requestAnimationFrame(() => resolve(performance.now() - event.timeStamp));
          };
          requestAnimationFrame(check);
        };
        for (const type of ['keydown', 'click']) {
          addEventListener(type, begin, { capture: true, signal: stop.signal });
        }
      });
    },
    [condition, text] as const,
  );
  await act();
  return page.evaluate(() => (window as unknown as Timing).paintMs);
}

/** The middle one of several measurements: a frame lost to a busy machine does not count. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
