import type { Page } from '@playwright/test';
import { expect, refuse, test } from './fixtures.ts';
import { mailedLink } from './mailbox.ts';

const NEW_PASSWORD = 'walrus candle orbit';
const UNKNOWN = 'A'.repeat(43);

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function expectTasks(page: Page): Promise<void> {
  await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
}

test.describe('a forgotten password', () => {
  test('is replaced by a mailed link, which ends the session in every tab and works once', async ({
    signedIn: tab,
    context,
    person,
    server,
  }) => {
    const page = await context.newPage();
    await page.goto('/forgot-password');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('E-mail').press('Enter');
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeFocused();
    const link = await mailedLink(server.url, person.email, 'reset-password');

    await page.goto(link);
    await page.getByLabel('New password').fill('password123');
    await page.getByRole('button', { name: 'Save password' }).click();
    await expect(page.getByLabel('New password')).toHaveAccessibleDescription(
      /This is one of the most common passwords\./,
    );
    await expect(page.getByLabel('New password')).toBeFocused();
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Save password' }).click();
    await expect(page.getByRole('heading', { name: 'Your password is changed' })).toBeFocused();
    await expect(tab.getByRole('heading', { name: 'Welcome back' })).toBeVisible();

    await page.getByRole('link', { name: 'Sign in' }).click();
    await expect(page.getByText('Sign in with the new one.')).toBeVisible();
    await signIn(page, person.email, person.password);
    await expect(page.getByRole('alert')).toContainText('the password is wrong');
    await signIn(page, person.email, NEW_PASSWORD);
    await expectTasks(page);

    await page.goto(link);
    await page.getByLabel('New password').fill('another walrus candle');
    await page.getByLabel('New password').press('Enter');
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeFocused();
    await page.getByRole('link', { name: 'Ask for a new link' }).click();
    await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  });

  test('takes the address along from sign-in, and answers for strangers as for everybody', async ({
    page,
  }) => {
    await page.goto('/login');
    await page.getByLabel('E-mail').fill('nobody@example.org');
    await page.getByRole('link', { name: 'Forgot password?' }).click();
    await expect(page.getByLabel('E-mail')).toHaveValue('nobody@example.org');
    await expect(page.getByLabel('E-mail')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByText('If there is an account for nobody@example.org')).toBeVisible();
    await page.getByRole('button', { name: 'Send it again' }).click();
    await expect(page.getByRole('status').getByText('It may take a minute')).toBeVisible();
    await page.getByRole('link', { name: 'Back to sign in' }).click();
    await expect(page.getByLabel('E-mail')).toHaveValue('nobody@example.org');
    await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  });

  test('is chosen in a field that password managers know', async ({ page }) => {
    await page.goto(`/reset-password#${UNKNOWN}`);
    const field = page.getByLabel('New password');
    await expect(field).toHaveAttribute('autocomplete', 'new-password');
    await expect(field).toBeFocused();
    await page.goto('/forgot-password');
    await expect(page.getByLabel('E-mail')).toHaveAttribute('autocomplete', 'username');
  });
});

test.describe('the token of a link', () => {
  test('leaves the address and the history at once; after a reload the link is asked for', async ({
    page,
  }) => {
    await page.goto('/forgot-password');
    await page.goto(`/reset-password#${UNKNOWN}`);
    await expect(page.getByLabel('New password')).toBeVisible();
    await expect(page).toHaveURL(/\/reset-password$/);
    const kept = await page.evaluate(() =>
      JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }]),
    );
    expect(kept).not.toContain(UNKNOWN);
    await page.goBack();
    await expect(page).toHaveURL(/\/forgot-password$/);
    await page.goForward();
    await expect(page).toHaveURL(/\/reset-password$/);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Open the link from your mail' })).toBeVisible();
  });

  test('counts when another link is opened on the same page', async ({ page }) => {
    const asked: string[] = [];
    page.on('request', (request) => {
      const token = request.url().split('/api/v1/verify/')[1];
      if (token) asked.push(token);
    });
    const other = 'B'.repeat(43);
    await page.goto(`/verify#${UNKNOWN}`);
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
    await page.goto(`/verify#${other}`);
    await expect.poll(() => asked).toEqual([UNKNOWN, other]);
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
    await expect(page).toHaveURL(/\/verify$/);
  });
});

test.describe('an address', () => {
  test('is verified by opening the link, also by who is signed in, and again without harm', async ({
    signedIn: page,
    person,
    server,
  }) => {
    const link = await mailedLink(server.url, person.email, 'verify');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Your address is verified' })).toBeFocused();
    await expect(page.getByText('Your account is ready.')).toBeVisible();
    await expect
      .poll(() => person.call('GET', '/api/v1/users/me'))
      .toMatchObject({ status: 'active' });
    await page.getByRole('link', { name: 'Go to your tasks' }).click();
    await expectTasks(page);
    await page.goto(link);
    await expect(page.getByText('It was verified before.')).toBeVisible();
  });

  test('whose link is of no use any more gets another one', async ({ page, person, server }) => {
    const first = await mailedLink(server.url, person.email, 'verify');
    await page.goto(`/verify#${UNKNOWN}`);
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeFocused();
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('button', { name: 'Send a new link' }).click();
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeFocused();
    const second = await mailedLink(server.url, person.email, 'verify', first);
    await page.goto(first);
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
    await page.goto(second);
    await expect(page.getByRole('heading', { name: 'Your address is verified' })).toBeVisible();
  });

  test('is replaced by the new one when its owner says so, not by opening the link', async ({
    signedIn: page,
    person,
    server,
  }) => {
    const email = `new.${person.email}`;
    await person.call('PATCH', '/api/v1/users/me', { email, password: person.password });
    await page.goto(await mailedLink(server.url, email, 'confirm-email'));
    const button = page.getByRole('button', { name: 'Use the new address' });
    await expect(button).toBeVisible();
    expect(await person.call('GET', '/api/v1/users/me')).toMatchObject({ email: person.email });
    await button.click();
    await expect(
      page.getByRole('heading', { name: 'Your new address is confirmed' }),
    ).toBeFocused();
    await page.getByRole('link', { name: 'Go to your tasks' }).click();
    await page.getByRole('button', { name: /your account/ }).click();
    await expect(page.getByRole('menu').getByText(email)).toBeVisible();
  });
});

test.describe('a server that cannot answer now', () => {
  test('is asked again when the person says so', async ({ page, person, server }) => {
    const link = await mailedLink(server.url, person.email, 'verify');
    await page.route('**/api/v1/verify/*', (route) => route.abort('connectionrefused'));
    await page.goto(link);
    await expect(page.getByRole('alert')).toHaveText('The server can’t be reached.');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('heading', { name: 'Your address is verified' })).toBeFocused();
  });

  test('says how long to wait', async ({ page }) => {
    await page.route('**/api/v1/password/forgot', (route) =>
      route.fulfill({
        status: 429,
        headers: { 'retry-after': '42', 'content-type': 'application/problem+json' },
        body: JSON.stringify({ status: 429, code: 'rate.limited' }),
      }),
    );
    await page.goto('/forgot-password');
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toHaveText(/Try again in 4\d seconds/);
  });

  test('and an address taken meanwhile, are told apart', async ({ page }) => {
    await refuse(page, 'POST', /email\/confirm$/, {
      status: 409,
      code: 'user.email_taken',
      detail: 'There is already an account with this e-mail address.',
    });
    await page.goto(`/confirm-email#${UNKNOWN}`);
    await page.getByRole('button', { name: 'Use the new address' }).click();
    await expect(page.getByRole('heading', { name: 'This address is taken' })).toBeFocused();
  });
});
