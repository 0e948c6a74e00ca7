import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addLatency, expect, row, test } from './fixtures.ts';
import { shiftOf, watchShift } from './shift.ts';

const DIST = join(import.meta.dirname, '../web/dist');
const LARGEST_SCRIPT_BYTES = 170_000;
/** A fifth of what counts as good: one row moved by its own height would be more. */
const LARGEST_SHIFT = 0.01;
const FIRST_PAINT_MS = 1_000;

/** The size of a script as it is sent; what is tiny is not compressed. */
function sentBytes(path: string): number {
  const file = join(DIST, path);
  return statSync(existsSync(`${file}.gz`) ? `${file}.gz` : file).size;
}

test('nothing jumps while the list loads and while tasks leave it', async ({
  signedIn: page,
  person,
}) => {
  await person.addTasks(...Array.from({ length: 12 }, (_, i) => `Task number ${i + 1}`));
  await addLatency(page, 150);
  await watchShift(page);
  await page.goto('/');
  await row(page, 'Task number 12').getByRole('checkbox').click();
  await expect(row(page, 'Task number 12')).toHaveCount(0);
  await row(page, 'Task number 5').getByRole('link').focus();
  await page.keyboard.press('#');
  await expect(page.getByRole('link', { name: 'Trash 1' })).toBeVisible();
  await expect(row(page, 'Task number 5')).toHaveCount(0);
  expect(await shiftOf(page)).toBeLessThan(LARGEST_SHIFT);
});

test('the first load brings at most 170 kB of JavaScript and paints within a second on a slow laptop', async ({
  signedIn: page,
  context,
}) => {
  const fresh = await context.newPage();
  await page.close();
  const scripts = new Set<string>();
  fresh.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) scripts.add(pathname);
  });
  const devtools = await context.newCDPSession(fresh);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 2 });
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 40,
    downloadThroughput: 1_250_000,
    uploadThroughput: 625_000,
  });
  await fresh.goto('/');
  await expect(fresh.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
  const firstPaintMs = await fresh.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  );
  expect(firstPaintMs).toBeLessThan(FIRST_PAINT_MS);
  expect(scripts.size).toBeGreaterThan(0);
  const bytes = [...scripts].map(sentBytes);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LARGEST_SCRIPT_BYTES);
});

test('the page carries no script and no style of its own, so that its policy needs no exception', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=/i);
});

test('offline, the page says so and sends what was done once the connection is back', async ({
  signedIn: page,
  context,
  person,
}) => {
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Buy oat milk');
  await page.keyboard.press('Enter');
  await expect(row(page, 'Buy oat milk')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toHaveCount(0);
  await expect.poll(() => person.call('GET', '/api/v1/tasks/counts')).toMatchObject({ pending: 1 });
  await expect(row(page, 'Buy oat milk')).toHaveCount(1);
});

test('when the server does not answer at the start, the page says so and opens by itself later', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await page.route('**/api/**', (route) => route.abort('connectionrefused'));
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Docket can’t be reached' })).toBeVisible();
  await page.unrouteAll();
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible({
    timeout: 10_000,
  });
});
