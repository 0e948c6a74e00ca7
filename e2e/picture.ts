import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** Every run looks at every page; those that the documents show change only when that is asked for. */
const FOLDER = join(
  import.meta.dirname,
  process.env.UPDATE_SCREENSHOTS ? '../docs/screenshots' : '../.cache/screenshots',
);

/** Keeps how the page looks now. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}
