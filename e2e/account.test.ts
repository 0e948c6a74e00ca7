import { expect, test } from './fixtures.ts';

test.describe('registration and sign-in', () => {
  test('a visitor registers, is signed in, signs out and signs in again', async ({ page }) => {
    const email = `grace.${process.pid}.${Date.now()}@example.org`;
    await page.goto('/register');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByLabel('Password', { exact: true }).fill('kettle marble otter');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();

    await page.getByRole('button', { name: 'GH: Grace Hopper, your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page.getByText('You are signed out.')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();

    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('kettle marble otter');
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
  });

  test('what is wrong stands beside its field, is read with it and has the focus', async ({
    page,
  }) => {
    await page.goto('/register');
    await page.getByLabel('E-mail').fill('not an address');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    const email = page.getByLabel('E-mail');
    await expect(email).toHaveAccessibleDescription(/doesn’t look like an e-mail address/);
    await expect(email).toBeFocused();
    await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(
      /at least 8 characters/,
    );
  });

  test('an address that is taken is said at the address, and nothing typed is lost', async ({
    page,
    person,
  }) => {
    await page.goto('/register');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('kettle marble otter');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/already an account/);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
    await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
  });

  test('a wrong password is refused without saying which part is wrong', async ({
    page,
    person,
  }) => {
    await page.goto('/login');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill('something else');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toHaveText(
      'The e-mail address or the password is wrong.',
    );
    await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
  });

  test('password managers find their fields', async ({ page }) => {
    await page.goto('/login');
    await expect(page.getByLabel('E-mail')).toHaveAttribute('autocomplete', 'username');
    const password = page.getByLabel('Password', { exact: true });
    await expect(password).toHaveAttribute('autocomplete', 'current-password');
    await page.getByRole('button', { name: 'Show password' }).click();
    await expect(password).toHaveAttribute('type', 'text');
    await page.getByRole('link', { name: 'Create account' }).click();
    await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute(
      'autocomplete',
      'new-password',
    );
  });

  test('a visitor is sent to sign-in and back to where they were', async ({ page, person }) => {
    const [task] = await person.addTasks('Water the plants');
    const address = `/?show=all&q=water&task=${task?.id}`;
    await page.goto(address);
    await expect(page).toHaveURL(/\/login\?next=/);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Water the plants');
    await expect(page).toHaveURL(address);
  });

  for (const target of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
  ]) {
    test(`sign-in never leads to ${target}`, async ({ page, person, baseURL }) => {
      await page.goto(`/login?next=${encodeURIComponent(target)}`);
      await page.getByLabel('E-mail').fill(person.email);
      await page.getByLabel('Password', { exact: true }).fill(person.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
      expect(page.url()).toBe(`${baseURL}/`);
    });
  }

  test('neither token nor cookie can be read by scripts or lies in storage', async ({
    signedIn: page,
  }) => {
    const stored = await page.evaluate(() =>
      JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]),
    );
    expect(stored).not.toMatch(/eyJ/);
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  test('an address without a page says so and offers the way back', async ({
    page,
    person,
    context,
  }) => {
    await person.enter(context);
    await page.goto('/nowhere');
    await expect(
      page.getByRole('heading', { name: 'There is nothing at this address' }),
    ).toBeVisible();
    await page.getByRole('link', { name: 'Go to your tasks' }).click();
    await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
  });
});
