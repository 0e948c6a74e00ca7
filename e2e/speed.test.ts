import { addLatency, expect, refuse, row, test } from './fixtures.ts';
import { median, timeToPaint } from './paint.ts';

const NETWORK_MS = 400;
const PAINT_MS = 50;
const FOCUS_MS = 100;

test.describe('the add field', () => {
  for (const key of ['q', 'c']) {
    test(`${key} focuses it within ${FOCUS_MS} ms from anywhere, and Escape loses nothing typed`, async ({
      signedIn: page,
    }) => {
      const field = page.getByRole('textbox', { name: 'Add a task' });
      const times: number[] = [];
      for (let i = 0; i < 5; i += 1) {
        times.push(
          await timeToPaint(
            page,
            () => page.keyboard.press(key),
            () => document.activeElement?.getAttribute('aria-label') === 'Add a task',
          ),
        );
        await page.keyboard.type('x');
        await page.keyboard.press('Escape');
        await expect(field).not.toBeFocused();
      }
      expect(median(times)).toBeLessThan(FOCUS_MS);
      await expect(field).toHaveValue('xxxxx');
    });
  }

  test('letters are text while one types, also the keys with a meaning', async ({
    signedIn: page,
  }) => {
    await page.keyboard.press('q');
    await page.keyboard.type('q c j k e d # / ?');
    await expect(page.getByRole('textbox', { name: 'Add a task' })).toHaveValue(
      'q c j k e d # / ?',
    );
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
});

test.describe(`with ${NETWORK_MS} ms of network`, () => {
  test(`adding paints within ${PAINT_MS} ms`, async ({ signedIn: page }) => {
    await addLatency(page, NETWORK_MS);
    const times: number[] = [];
    for (const title of ['One', 'Two', 'Three', 'Four', 'Five']) {
      await page.getByRole('textbox', { name: 'Add a task' }).fill(title);
      times.push(
        await timeToPaint(
          page,
          () => page.keyboard.press('Enter'),
          (text) => document.querySelector('li a')?.textContent === text,
          title,
        ),
      );
    }
    expect(median(times)).toBeLessThan(PAINT_MS);
    await page.unrouteAll({ behavior: 'wait' });
    await page.reload();
    await expect(page.getByRole('list', { name: 'Open: tasks' }).getByRole('listitem')).toHaveCount(
      5,
    );
  });

  test(`completing paints within ${PAINT_MS} ms`, async ({ signedIn: page, person }) => {
    await person.addTasks('One', 'Two', 'Three', 'Four', 'Five');
    await page.reload();
    await expect(row(page, 'Five')).toBeVisible();
    await addLatency(page, NETWORK_MS);
    const times: number[] = [];
    for (const title of ['Five', 'Four', 'Three', 'Two', 'One']) {
      const box = page.getByRole('checkbox', { name: `Complete “${title}”` });
      times.push(
        await timeToPaint(
          page,
          () => box.click(),
          (text) => document.querySelector(`[aria-label="${text}"][aria-checked="true"]`) !== null,
          `Complete “${title}”`,
        ),
      );
      await expect(row(page, title)).toHaveCount(0);
    }
    expect(median(times)).toBeLessThan(PAINT_MS);
    await expect(page.getByRole('link', { name: 'Completed 5' })).toBeVisible();
  });

  test(`renaming paints within ${PAINT_MS} ms`, async ({ signedIn: page, person }) => {
    await person.addTasks('Name 0');
    await page.reload();
    await row(page, 'Name 0').getByRole('link').click();
    await addLatency(page, NETWORK_MS);
    const times: number[] = [];
    for (const title of ['Name 1', 'Name 2', 'Name 3', 'Name 4', 'Name 5']) {
      await page.getByRole('textbox', { name: 'Title' }).fill(title);
      times.push(
        await timeToPaint(
          page,
          () => page.keyboard.press('Enter'),
          (text) => document.querySelector('li a')?.textContent === text,
          title,
        ),
      );
    }
    expect(median(times)).toBeLessThan(PAINT_MS);
    await page.unrouteAll({ behavior: 'wait' });
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    await page.reload();
    await expect(row(page, 'Name 5')).toBeVisible();
  });
});

test.describe('a refusal', () => {
  const problem = { status: 409, code: 'task.refused', detail: 'The server says no to this.' };

  test('takes an addition back, says why, and gives the text back', async ({ signedIn: page }) => {
    await refuse(page, 'POST', /\/api\/v1\/tasks$/, problem);
    await page.getByRole('textbox', { name: 'Add a task' }).fill('Buy oat milk');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Couldn’t add “Buy oat milk”')).toBeVisible();
    await expect(page.getByText(problem.detail)).toBeVisible();
    await expect(page.getByRole('listitem').getByRole('link')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Add a task' })).toHaveValue('Buy oat milk');
  });

  test('takes a completion back and says why', async ({ signedIn: page, person }) => {
    await person.addTasks('Buy oat milk');
    await page.reload();
    await refuse(page, 'PUT', /\/completion$/, problem);
    await row(page, 'Buy oat milk').getByRole('checkbox').click();
    await expect(page.getByText('Couldn’t complete “Buy oat milk”')).toBeVisible();
    await expect(page.getByText(problem.detail)).toBeVisible();
    await expect(row(page, 'Buy oat milk').getByRole('checkbox')).not.toBeChecked();
    await expect(page.getByRole('link', { name: 'Open 1' })).toBeVisible();
  });

  test('takes a new name back in the list, says why, and keeps the text', async ({
    signedIn: page,
    person,
  }) => {
    await person.addTasks('Old name');
    await page.reload();
    await row(page, 'Old name').getByRole('link').click();
    await refuse(page, 'PATCH', /\/api\/v1\/tasks\/\d+$/, problem);
    await page.getByRole('textbox', { name: 'Title' }).fill('New name');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert').getByText(problem.detail)).toBeVisible();
    await expect(row(page, 'Old name')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('New name');

    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(row(page, 'New name')).toBeVisible();
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  });

  test('takes a deletion back and says why', async ({ signedIn: page, person }) => {
    await person.addTasks('Buy oat milk');
    await page.reload();
    await refuse(page, 'DELETE', /\/api\/v1\/tasks\/\d+$/, problem);
    await row(page, 'Buy oat milk').getByRole('link').focus();
    await page.keyboard.press('#');
    await expect(page.getByText('Couldn’t delete “Buy oat milk”')).toBeVisible();
    await expect(row(page, 'Buy oat milk')).toBeVisible();
  });
});

test('tasks added in a row keep their order, however long each takes to arrive', async ({
  signedIn: page,
}) => {
  let delayMs = 600;
  await page.route(/\/api\/v1\/tasks$/, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const own = delayMs;
    delayMs -= 250;
    await new Promise((resolve) => setTimeout(resolve, own));
    return route.fallback();
  });
  const shown = page.getByRole('listitem').getByRole('link');
  for (const title of ['Third', 'Second', 'First']) {
    await page.getByRole('textbox', { name: 'Add a task' }).fill(title);
    await page.keyboard.press('Enter');
  }
  await expect(shown).toHaveText(['First', 'Second', 'Third']);
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).filter((k) => /\.new\./.test(k))))
    .toEqual([]);
  await expect(shown).toHaveText(['First', 'Second', 'Third']);
  await page.reload();
  await expect(shown).toHaveText(['First', 'Second', 'Third']);
});

test('an answer that got lost is asked for again, and the task is there once', async ({
  signedIn: page,
}) => {
  let isFirst = true;
  await page.route(/\/api\/v1\/tasks$/, async (route) => {
    if (route.request().method() !== 'POST' || !isFirst) return route.fallback();
    isFirst = false;
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Buy oat milk');
  await page.keyboard.press('Enter');
  await page.waitForResponse((r) => r.request().method() === 'POST' && r.status() === 200);
  await page.reload();
  await expect(page.getByRole('list', { name: 'Open: tasks' }).getByRole('listitem')).toHaveCount(
    1,
  );
});
