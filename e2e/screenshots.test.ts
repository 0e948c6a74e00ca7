import { expect, row, test } from './fixtures.ts';
import { takePicture } from './picture.ts';

const TITLES = [
  'Call Grandma',
  'Compare offers for the bicycle insurance',
  'Buy oat milk',
  'Plan the birthday: cake, candles, and a small number of guests who like each other',
  'Write to the landlord about the heating',
  'Renew the library card before the end of the month',
  'Read “The Design of Everyday Things”, chapter 4',
  'Water the plants on the balcony',
  'Book train to Leipzig',
  'Send the minutes of the April meeting',
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`pictures of every page in ${colorScheme}`, async ({
    page,
    person,
    context,
    browser,
    baseURL,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto('/login');
    await expect(page.getByLabel('E-mail')).toBeFocused();
    await takePicture(page, `sign-in-${colorScheme}`);
    await page.goto('/register');
    await page.getByLabel('Password', { exact: true }).fill('kettle marble');
    await takePicture(page, `register-${colorScheme}`);

    await person.enter(context);
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
    await takePicture(page, `empty-${colorScheme}`);
    await fillList(person);
    await page.reload();
    await expect(row(page, 'Call Grandma')).toBeVisible();
    await takePicture(page, `tasks-${colorScheme}`);

    await row(page, 'Leipzig').getByRole('link').click();
    await expect(page.getByRole('textbox', { name: 'Description' })).not.toBeEmpty();
    await takePicture(page, `task-${colorScheme}`);
    await page.goto('/?show=completed');
    await expect(row(page, 'Everyday Things')).toBeVisible();
    await takePicture(page, `completed-${colorScheme}`);
    await page.goto('/');
    await row(page, 'oat milk').getByRole('link').focus();
    await page.keyboard.press('#');
    await expect(row(page, 'oat milk')).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
    await takePicture(page, `undo-${colorScheme}`);
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await takePicture(page, `shortcuts-${colorScheme}`);
    await page.goto('/nowhere');
    await expect(page.getByRole('link', { name: 'Go to your tasks' })).toBeVisible();
    await takePicture(page, `not-found-${colorScheme}`);

    const phone = await browser.newContext({
      ...(baseURL ? { baseURL } : {}),
      ...{ colorScheme, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
      reducedMotion: 'reduce',
      locale: 'en-GB',
    });
    await person.enter(phone);
    const small = await phone.newPage();
    await small.goto('/');
    await expect(row(small, 'Call Grandma')).toBeVisible();
    await takePicture(small, `phone-tasks-${colorScheme}`);
    await row(small, 'Leipzig').getByRole('link').click();
    await expect(small.getByRole('dialog', { name: 'Task' })).toBeVisible();
    await takePicture(small, `phone-task-${colorScheme}`);
    await phone.close();
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`pictures of the pages that mailed links lead to in ${colorScheme}`, async ({
    page,
    context,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto('/forgot-password');
    await page.getByLabel('E-mail').fill('ada@example.org');
    await takePicture(page, `forgot-password-${colorScheme}`);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();
    await takePicture(page, `check-mail-${colorScheme}`);
    await page.goto('/reset-password#a-token');
    await page.getByLabel('New password').fill('kettle marble otter');
    await takePicture(page, `reset-password-${colorScheme}`);
    await page.goto('/confirm-email#a-token');
    await expect(page.getByRole('button', { name: 'Use the new address' })).toBeVisible();
    await takePicture(page, `confirm-email-${colorScheme}`);
    await page.goto('/setup#a-token');
    await expect(page.getByRole('button', { name: 'Create administrator' })).toBeVisible();
    await takePicture(page, `setup-${colorScheme}`);
    await page.goto('/verify#a-token');
    await expect(page.getByRole('button', { name: 'Send a new link' })).toBeVisible();
    await takePicture(page, `dead-link-${colorScheme}`);
    await context.route('**/api/v1/verify/*', (route) =>
      route.fulfill({ json: { status: 'verified' } }),
    );
    await page.goto('/verify#another-token');
    await expect(page.getByRole('heading', { name: 'Your address is verified' })).toBeVisible();
    await takePicture(page, `verified-${colorScheme}`);

    await page.setViewportSize({ width: 390, height: 844 });
    await takePicture(page, `phone-verified-${colorScheme}`);
    await page.goto('/setup#a-token');
    await page.getByLabel('Password', { exact: true }).fill('kettle marble otter');
    await takePicture(page, `phone-setup-${colorScheme}`);
  });
}

async function fillList(person: {
  addTasks: (...titles: string[]) => Promise<{ id: number; title: string }[]>;
  call: <T>(method: string, path: string, body?: object) => Promise<T>;
}): Promise<void> {
  const tasks = await person.addTasks(...TITLES);
  const idOf = (word: string) => tasks.find((task) => task.title.includes(word))?.id;
  await person.call('PATCH', `/api/v1/tasks/${idOf('Leipzig')}`, {
    status: 'in_progress',
    description: 'Ask for a seat by the window.\n\nOutbound 8:04, back on Sunday evening.',
  });
  await person.call('PUT', `/api/v1/tasks/${idOf('Everyday')}/completion`, { completed: true });
}
