import { expectNoViolations } from './axe.ts';
import { expect, refuse, row, test } from './fixtures.ts';

/** With what they offer when they are opened by a link, which for `/verify` is one that is of no use. */
const LINK_PAGES = [
  ['/reset-password', 'Save password'],
  ['/verify', 'Send a new link'],
  ['/confirm-email', 'Use the new address'],
  ['/setup', 'Create administrator'],
] as const;

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`accessibility in ${colorScheme}`, () => {
    // Colours on their way are no colours to judge.
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test('the visitors’ pages have no violation', async ({ page }) => {
      await page.goto('/login');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByText('Enter your e-mail address.')).toBeVisible();
      await expectNoViolations(page, 'sign-in');
      await page.goto('/register');
      await page.getByLabel('Password', { exact: true }).fill('kettle');
      await expectNoViolations(page, 'registration');
    });

    test('the pages that mailed links lead to have no violation', async ({ page, person }) => {
      await page.goto('/forgot-password');
      await page.getByLabel('E-mail').fill(person.email);
      await expectNoViolations(page, 'forgotten password');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();
      await expectNoViolations(page, 'mail on its way');
      for (const [address, button] of LINK_PAGES) {
        await page.goto(`${address}#a-token`);
        await expect(page.getByRole('button', { name: button })).toBeVisible();
        await expectNoViolations(page, address);
      }
      await refuse(page, 'POST', /\/api\/v1\/login$/, {
        status: 403,
        code: 'user.unverified',
        detail: 'Verify the e-mail address first.',
      });
      await page.goto('/login');
      await page.getByLabel('E-mail').fill(person.email);
      await page.getByLabel('Password', { exact: true }).fill(person.password);
      await page.keyboard.press('Enter');
      await expect(page.getByText('Verify your e-mail address first')).toBeVisible();
      await expectNoViolations(page, 'unverified');
    });

    test('the task list has no violation in any of its states', async ({
      signedIn: page,
      person,
    }) => {
      await expectNoViolations(page, 'empty');
      const [, , progress, done] = await person.addTasks('One', 'Two', 'Three', 'Four');
      await person.call('PATCH', `/api/v1/tasks/${progress?.id}`, {
        status: 'in_progress',
        description: 'Details',
      });
      await person.call('PUT', `/api/v1/tasks/${done?.id}/completion`, { completed: true });
      await page.goto('/?show=all');
      await row(page, 'One').getByRole('link').focus();
      await expectNoViolations(page, 'list');
      await page.keyboard.press('#');
      await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
      await expectNoViolations(page, 'toast');
      await row(page, 'Three').getByRole('link').click();
      await expect(page.getByRole('complementary', { name: 'Task' })).toBeVisible();
      await expectNoViolations(page, 'panel');
      await page.getByRole('textbox', { name: 'Title' }).fill('');
      await expect(page.getByText('A task needs a title.')).toBeVisible();
      await expectNoViolations(page, 'panel with a problem');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectNoViolations(page, 'shortcuts');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /your account/ }).click();
      await expect(page.getByRole('menu')).toBeVisible();
      await expectNoViolations(page, 'menu');
    });

    test('sheet, trash, search, failure and missing page have no violation', async ({
      signedIn: page,
      person,
    }) => {
      const [task] = await person.addTasks('One');
      await page.setViewportSize({ width: 390, height: 800 });
      await page.goto(`/?task=${task?.id}`);
      await expect(page.getByRole('dialog', { name: 'Task' })).toBeVisible();
      await expectNoViolations(page, 'sheet');
      await page.goto('/?show=trash');
      await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
      await expectNoViolations(page, 'trash');
      await page.goto('/?q=nowhere');
      await expect(page.getByRole('button', { name: 'Search all tasks' })).toBeVisible();
      await expectNoViolations(page, 'search');
      await page.goto('/nowhere');
      await expect(page.getByRole('link', { name: 'Go to your tasks' })).toBeVisible();
      await expectNoViolations(page, 'missing page');
      await refuse(page, 'GET', /\/api\/v1\/tasks\?/, {
        status: 500,
        code: 'internal',
        detail: 'Internal error',
      });
      await page.goto('/');
      await expect(page.getByText('Your tasks couldn’t be loaded')).toBeVisible();
      await expectNoViolations(page, 'failure');
    });
  });
}

test('everything is done by keyboard alone', async ({ page, person }) => {
  await page.goto('/login');
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await page.keyboard.type(person.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();

  await page.keyboard.press('q');
  for (const title of ['Third', 'Second', 'First']) {
    await page.keyboard.type(title);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await expect(row(page, 'First').getByRole('link')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'Second').getByRole('link')).toBeFocused();
  await page.keyboard.press('k');
  await page.keyboard.press('e');
  await expect(page.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await page.keyboard.type('First of all');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: 'To do' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Tab');
  await page.keyboard.type('In the morning');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(row(page, 'First of all').getByRole('link')).toBeFocused();
  await expect(row(page, 'First of all')).toContainText('In progress');

  await page.keyboard.press('d');
  await expect(row(page, 'Second').getByRole('link')).toBeFocused();
  await page.keyboard.press('#');
  await expect(row(page, 'Third').getByRole('link')).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.type('third');
  await expect(page).toHaveURL('/?q=third');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/');
  await page.keyboard.press('Escape');

  const account = page.getByRole('button', { name: /your account/ });
  for (
    let i = 0;
    i < 30 && !(await account.evaluate((b) => b === document.activeElement));
    i += 1
  ) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByText('You are signed out.')).toBeVisible();
});

test('a search says how many tasks it has found', async ({ signedIn: page, person }) => {
  await person.addTasks('Water the plants', 'Buy plants', 'Call Grandma');
  await page.reload();
  await page.getByRole('searchbox').fill('plants');
  await expect(page.getByRole('status').getByText('2 tasks found')).toBeAttached();
});

test('at 320 pixels nothing is cut off and everything is within reach', async ({
  signedIn: page,
  person,
}) => {
  await person.addTasks(`A word of many letters: ${'x'.repeat(120)}`, 'Water the plants');
  await page.setViewportSize({ width: 320, height: 640 });
  for (const address of ['/', '/?show=trash', '/?q=plants', '/nowhere']) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      320,
    );
  }
  await page.goto('/');
  await row(page, 'Water the plants').getByRole('link').click();
  const sheet = page.getByRole('dialog', { name: 'Task' });
  await expect(sheet).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await sheet.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'Water the plants')).toBeVisible();
});

test('at 320 pixels nothing is cut off on the pages for visitors', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const links = LINK_PAGES.flatMap(([address]) => [address, `${address}#a-token`]);
  for (const address of ['/login', '/register', '/forgot-password', ...links]) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, address).toBeLessThanOrEqual(320);
  }
});
