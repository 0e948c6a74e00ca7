import type { Page } from '@playwright/test';
import { expect, leaveProvider, signInThere, test } from './provider-fixtures.ts';

const DAY_SECONDS = 86_400;

let count = 0;

function newAddress(): string {
  count += 1;
  return `grace.${process.pid}.${count}@example.org`;
}

async function expectTasks(page: Page): Promise<void> {
  await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /your account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
}

async function signInByPassword(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a visitor registers by a button, signs out, and comes back by the same button', async ({
  page,
}) => {
  const email = newAddress();
  await page.goto('/register');
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await signInThere(page, { email, name: 'Grace Hopper' });
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Find the moth');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Find the moth' })).toBeVisible();
  await signOut(page);

  // The provider still knows them.
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await expect(page.getByRole('link', { name: 'Find the moth' })).toBeVisible();
  await expect(page.getByRole('button', { name: /Grace Hopper/ })).toBeVisible();
});

test('the way by a provider leads to where the person was going, and stays signed in where that is chosen', async ({
  page,
  context,
}) => {
  const address = '/?show=completed&q=moth';
  const refreshCookie = async () =>
    (await context.cookies()).find(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Strict');
  await page.goto(address);
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel('Stay signed in on this device').check();
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await signInThere(page, { email: newAddress() });
  await expect(page.getByRole('heading', { name: /No task contains/ })).toBeVisible();
  await expect(page).toHaveURL(address);
  const leftDays = async () =>
    (((await refreshCookie())?.expires ?? 0) - Date.now() / 1_000) / DAY_SECONDS;
  expect(await leftDays()).toBeGreaterThan(7);

  await signOut(page);
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await expectTasks(page);
  expect(await leftDays()).toBeLessThanOrEqual(1);
});

test('who cancels at the provider reads so, and goes on from there to where they were going', async ({
  page,
}) => {
  await page.goto('/login?next=/settings/security');
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'You didn’t finish signing in' })).toBeFocused();
  await page.getByRole('link', { name: 'Try again with Local' }).click();
  await signInThere(page, { email: newAddress() });
  await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
  await expect(page).toHaveURL(/\/settings\/security$/);
});

test('an address with a provider’s name goes straight on to it, and stepping back leads before it', async ({
  page,
}) => {
  await page.goto('/forgot-password');
  await page.goto('/login?provider=oidc');
  await expect(page.getByRole('heading', { name: 'Local provider' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/forgot-password$/);
  await page.goto('/login?provider=oidc');
  await signInThere(page, { email: newAddress() });
  await expectTasks(page);
  await page.goto('/login?provider=nobody');
  await expectTasks(page);
  await signOut(page);
  await page.goto('/login?provider=nobody');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

test('who has an account signs in to it first, connects the provider, and disconnects it again', async ({
  page,
  context,
  person,
}) => {
  await page.goto('/login');
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await signInThere(page, { email: person.email, isVerified: false });
  await expect(
    page.getByRole('heading', { name: 'You may have an account already' }),
  ).toBeFocused();
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await signInByPassword(page, person.email, person.password);

  await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
  await leaveProvider(context);
  await page.getByRole('button', { name: 'Connect Local' }).click();
  await signInThere(page, { email: newAddress() });
  await expect(
    page.getByRole('main').getByText('Local is connected. From now on you can sign in with it.'),
  ).toBeVisible();
  await expect(page).toHaveURL(/\/settings\/security$/);
  await page.reload();
  await expect(page.getByRole('button', { name: /^Disconnect Local, grace/ })).toBeVisible();
  await expect(page.getByText('Local is connected.')).toHaveCount(0);

  await page.getByRole('button', { name: /^Disconnect Local/ }).click();
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Connect Local' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Connected accounts' })).toBeFocused();
});

/** Has the server find the sign-in too old, as it does after ten minutes, where no password comes along. */
async function makeSignInOld(page: Page, path: RegExp): Promise<void> {
  await page.route(path, (route) =>
    route.request().method() === 'GET' || route.request().postDataJSON()?.password
      ? route.fallback()
      : route.fulfill({
          status: 401,
          contentType: 'application/problem+json',
          json: { status: 401, code: 'fresh_sign_in.required', detail: 'Sign in again.' },
        }),
  );
}

test('where the sign-in is old, the password is asked for, once more when it is wrong', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await page.goto('/settings/security');
  await makeSignInOld(page, /\/link$/);
  await page.getByRole('button', { name: 'Connect Local' }).click();
  const password = page.getByLabel('Your password');
  await expect(password).toBeFocused();
  await password.fill('something else');
  await page.keyboard.press('Enter');
  await expect(password).toHaveAccessibleDescription('This is not your password.');
  await expect(password).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Connect Local' })).toBeFocused();

  await page.getByRole('button', { name: 'Connect Local' }).click();
  await password.fill(person.password);
  await page.keyboard.press('Enter');
  await signInThere(page, { email: newAddress() });
  await expect(page.getByRole('button', { name: /^Disconnect Local/ })).toBeVisible();
});

test('who has no password signs in again with the provider, though another tab holds the old session', async ({
  page,
  context,
  newPerson,
}) => {
  const email = newAddress();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await signInThere(page, { email });
  await expectTasks(page);
  const tab = await context.newPage();
  const sessions: string[] = [];
  tab.on('request', (request) => {
    const claims = request.headers().authorization?.split('.')[1];
    if (claims) sessions.push(JSON.parse(Buffer.from(claims, 'base64url').toString()).sid);
  });
  await tab.goto('/settings/security');
  const only = tab.getByRole('button', { name: /^Disconnect Local/ });
  await expect(only).toHaveAccessibleDescription(/This is your only way to sign in\./);
  await expect(only).toBeDisabled();

  const other = await newPerson();
  await makeSignInOld(tab, /\/api\/v1\/users\/me\/merges$/);
  await tab.getByRole('button', { name: 'Merge another account' }).click();
  await tab.getByLabel('E-mail of the other account').fill(other.email);
  await tab.getByLabel('Password of the other account').fill(other.password);
  await tab.keyboard.press('Enter');
  await tab.getByRole('button', { name: 'Merge', exact: true }).click();
  const question = tab.getByRole('dialog', { name: 'Is it you?' });
  await expect(question.getByRole('link', { name: 'Sign in again with Local' })).toBeVisible();
  await expect(question.getByLabel('Your password')).toHaveCount(0);
  const [before] = sessions.slice(-1);
  expect(before).toBeTruthy();
  await question.getByRole('link', { name: 'Sign in again with Local' }).click();
  // It asks again, although it knows them.
  await signInThere(tab, { email });
  await expect(tab.getByRole('main').getByText('You have signed in again.')).toBeVisible();
  await expect(tab).toHaveURL(/\/settings\/security$/);
  await expect(only).toBeVisible();
  expect(sessions.at(-1)).toBeTruthy();
  expect(sessions.at(-1)).not.toBe(before);
  await page.getByRole('button', { name: /your account/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await expect(page.getByRole('button', { name: /^Disconnect Local/ })).toBeVisible();
});

test('a sign-in that belongs to another account of the person merges it, which can be undone', async ({
  page,
  context,
  person,
}) => {
  const email = newAddress();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Continue with Local' }).click();
  await signInThere(page, { email, name: 'Grace Hopper' });
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Find the moth');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Find the moth' })).toBeVisible();
  await signOut(page);
  await context.clearCookies();

  await person.enter(context);
  await page.goto('/settings/security');
  await page.getByRole('button', { name: 'Connect Local' }).click();
  await signInThere(page, { email });
  const dialog = page.getByRole('dialog', { name: 'Merge into this account?' });
  await expect(dialog).toContainText(email);
  await expect(dialog).toContainText('Grace Hopper · 1 task');
  await expect(page).toHaveURL(/\/settings\/security$/);
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page.getByText(`${email} is merged: 1 task moved here`)).toBeVisible();
  await expect(page.getByRole('button', { name: /^Disconnect Local/ })).toBeVisible();
  await page.getByRole('link', { name: 'Your tasks' }).click();
  await expect(page.getByRole('link', { name: 'Find the moth' })).toBeVisible();

  await page.goBack();
  await page.getByRole('button', { name: `Undo the merge of ${email}` }).click();
  await page.getByRole('button', { name: 'Undo the merge', exact: true }).click();
  await expect(page.getByText(`${email} is an account of its own again`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Connect Local' })).toBeVisible();
  await page.getByRole('link', { name: 'Your tasks' }).click();
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
});

test('another account is merged by its address and password', async ({
  page,
  context,
  person,
  newPerson,
}) => {
  const other = await newPerson();
  await other.addTasks('Water the plants', 'Call Grandma');
  await person.enter(context);
  await page.goto('/settings/security');
  await page.getByRole('button', { name: 'Merge another account' }).click();
  await expect(page.getByLabel('E-mail of the other account')).toBeFocused();
  await page.getByLabel('E-mail of the other account').fill(person.email);
  await page.getByLabel('Password of the other account').fill(person.password);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('E-mail of the other account')).toHaveAccessibleDescription(
    'This is the account that you are signed in to.',
  );
  await page.getByLabel('E-mail of the other account').fill(other.email);
  await page.getByLabel('Password of the other account').fill('something else');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('the password is wrong');
  await page.getByLabel('Password of the other account').fill(other.password);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Merge into this account?' });
  await expect(dialog).toContainText('2 tasks');
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(page.getByRole('button', { name: 'Merge another account' })).toBeFocused();
  await page.getByRole('link', { name: 'Your tasks' }).click();
  await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: 'Merge another account' }).click();
  await page.getByLabel('E-mail of the other account').fill(other.email);
  await page.getByLabel('Password of the other account').fill(other.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(page.getByText(`${other.email} is merged: 2 tasks moved here`)).toBeVisible();
  await page.getByRole('link', { name: 'Your tasks' }).click();
  await expect(page.getByRole('link', { name: 'Call Grandma' })).toBeVisible();
});
