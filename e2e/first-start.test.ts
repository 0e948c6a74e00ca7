import { expect, test } from './fixtures.ts';
import { mailedLink } from './mailbox.ts';

test.use({ settings: { REGISTRATION: 'uniform', REQUIRE_VERIFIED_EMAIL: 'on' } });

const password = 'kettle marble otter';

test('whoever holds the link that the server printed becomes administrator, once', async ({
  page,
  server,
}) => {
  await page.goto('/setup');
  await expect(
    page.getByRole('heading', { name: 'Open the link that the server printed' }),
  ).toBeVisible();
  await page.goto(server.setupLink);
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel('E-mail').fill('root@example.org');
  await page.getByLabel('Name').fill('Rosa');
  const field = page.getByLabel('Password', { exact: true });
  await expect(field).toHaveAttribute('autocomplete', 'new-password');
  await field.fill('password123');
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(field).toHaveAccessibleDescription(/most common passwords/);
  await field.fill(password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
  await page.getByRole('button', { name: /Rosa, your account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();

  await page.goto(server.setupLink);
  await page.getByLabel('E-mail').fill('second@example.org');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeFocused();
});

test('where addresses have to be verified, the mail comes first and sign-in afterwards', async ({
  page,
  server,
}) => {
  const email = `grace.${process.pid}.${Date.now()}@example.org`;
  await page.goto('/register');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeFocused();
  const first = await mailedLink(server.url, email, 'verify');

  await page.getByRole('link', { name: 'Back to sign in' }).click();
  await expect(page.getByLabel('E-mail')).toHaveValue(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Verify your e-mail address first')).toBeVisible();
  await page.getByRole('button', { name: 'Send a new link' }).click();
  await expect(page.getByRole('status').getByText('It may take a minute')).toBeVisible();
  const second = await mailedLink(server.url, email, 'verify', first);

  await page.goto(second);
  await expect(page.getByRole('heading', { name: 'Your address is verified' })).toBeFocused();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
});

test('registration answers alike for an address that has an account', async ({ page }) => {
  const email = `twice.${process.pid}.${Date.now()}@example.org`;
  for (let time = 1; time <= 2; time += 1) {
    await page.goto('/register');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByText(`A mail to ${email} is on its way.`)).toBeVisible();
  }
});
