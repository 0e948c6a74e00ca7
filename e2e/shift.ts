import type { Page } from '@playwright/test';

/** Adds up by how much things move by themselves, on every page that opens from now on. */
export async function watchShift(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts = window as unknown as { shift: number };
    shifts.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (!entry.hadRecentInput) shifts.shift += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** By how much they have moved. */
export function shiftOf(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { shift: number }).shift);
}
