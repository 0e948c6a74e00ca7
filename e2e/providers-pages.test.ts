import type { Page } from '@playwright/test';
import { addLatency, expect, refuse, test } from './fixtures.ts';
import { PROVIDERS, showProviders, WITH_ONE_DOWN } from './made-up-providers.ts';
import { shiftOf, watchShift } from './shift.ts';

const LARGEST_SHIFT = 0.05;
const form = (page: Page) => page.getByLabel('E-mail');

test('the buttons lead on to the providers, with where to return and how long to stay', async ({
  page,
}) => {
  await showProviders(page);
  await page.goto('/login?next=%2F%3Fshow%3Dall');
  const link = (name: string) => page.getByRole('link', { name: `Continue with ${name}` });
  for (const { name, label } of PROVIDERS) {
    await expect(link(label)).toHaveAttribute(
      'href',
      `/api/v1/auth/${name}?return_to=%2F%3Fshow%3Dall`,
    );
  }
  await page.getByLabel('Stay signed in on this device').check();
  await expect(link('GitHub')).toHaveAttribute(
    'href',
    '/api/v1/auth/github?return_to=%2F%3Fshow%3Dall&remember=true',
  );
  await page.getByRole('link', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Create your account' })).toBeVisible();
  await expect(link('GitHub')).toHaveAttribute(
    'href',
    '/api/v1/auth/github?return_to=%2F%3Fshow%3Dall',
  );
});

for (const target of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
  test(`no button asks to return to ${target}`, async ({ page }) => {
    await showProviders(page);
    await page.goto(`/login?next=${encodeURIComponent(target)}`);
    await expect(page.getByRole('link', { name: 'Continue with GitHub' })).toHaveAttribute(
      'href',
      '/api/v1/auth/github?return_to=%2F',
    );
  });
}

test('a provider that can’t be reached is said to be so, takes the focus and leads nowhere', async ({
  page,
}) => {
  await showProviders(page, WITH_ONE_DOWN);
  await page.goto('/login');
  const down = page.getByRole('link', {
    name: 'Continue with Microsoft can’t be reached at the moment',
  });
  await expect(down).toBeDisabled();
  await expect(down).not.toHaveAttribute('href');
  await page.getByRole('link', { name: 'Continue with GitHub' }).focus();
  await page.keyboard.press('Tab');
  await expect(down).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/login$/);
  const heights = await page
    .getByRole('list', { name: 'Other ways to sign in' })
    .getByRole('listitem')
    .evaluateAll((items) => items.map((item) => item.getBoundingClientRect().height));
  expect(new Set(heights).size).toBe(1);

  await page.goto('/login?provider=microsoft&next=%2F%3Fq%3Dmoth');
  await expect(down).toBeVisible();
  await expect(page.getByRole('link', { name: 'Create account' })).toHaveAttribute(
    'href',
    '/register?next=%2F%3Fq%3Dmoth',
  );
});

test('without the list of providers everything else is as ever', async ({ page, person }) => {
  await refuse(page, 'GET', /\/api\/v1\/auth\/providers$/, {
    status: 500,
    code: 'internal',
    detail: 'Internal error',
  });
  await page.goto('/login');
  await expect(form(page)).toBeFocused();
  await expect(page.getByRole('list')).toHaveCount(0);
  await expect(page.getByText('or', { exact: true })).toHaveCount(0);
  await form(page).fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
});

test('nothing jumps when the list is there in time, on a slow line', async ({ page }) => {
  await watchShift(page);
  await addLatency(page, 150);
  await showProviders(page, PROVIDERS, 300);
  await page.goto('/login');
  await expect(form(page)).toBeFocused();
  await expect(page.getByRole('link', { name: 'Continue with Google' })).toBeVisible();
  expect(await shiftOf(page)).toBeLessThan(LARGEST_SHIFT);
});

test('a list that comes late stands below the form and moves nothing that somebody types in', async ({
  page,
}) => {
  await watchShift(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await showProviders(page, PROVIDERS, 2_500);
  await page.goto('/login');
  await expect(form(page)).toBeFocused();
  await page.keyboard.type('ada@exam');
  const before = await form(page).boundingBox();
  await expect(page.getByRole('link', { name: 'Continue with Google' })).toBeAttached();
  await page.keyboard.type('ple.org');
  await expect(form(page)).toHaveValue('ada@example.org');
  expect(await form(page).boundingBox()).toEqual(before);
  expect(await shiftOf(page)).toBeLessThan(LARGEST_SHIFT);
});

const OUTCOMES = [
  ['provider.cancelled', 'You didn’t finish signing in', 'Try again with GitHub'],
  ['provider.unavailable', 'No answer from over there', 'Try again with GitHub'],
  ['provider.flow_invalid', 'This sign-in is no longer valid', 'Try again with GitHub'],
  ['provider.answer_invalid', 'The answer couldn’t be verified', 'Try again with GitHub'],
  ['provider.email_required', 'An e-mail address is missing', 'Create an account'],
  ['provider.link_required', 'You may have an account already', 'Sign in'],
  ['provider.local_sign_in_required', 'Sign in as usual first', 'Sign in'],
  ['provider.account_unavailable', 'This account can’t be used', 'Sign in another way'],
  ['provider.not_found', 'This way to sign in isn’t offered', 'Sign in another way'],
  ['registration.closed', 'No account belongs to this sign-in', 'Sign in'],
  ['user.unverified', 'Check your mail', 'Send a new link'],
  ['rate.limited', 'Too many attempts', 'Try again with GitHub'],
  ['database.unavailable', 'That didn’t work just now', 'Try again with GitHub'],
  ['constructor', 'The sign-in didn’t work', 'Sign in another way'],
] as const;

test('every outcome of a sign-in is explained, with a step that leads on', async ({ page }) => {
  await showProviders(page);
  for (const [code, title, step] of OUTCOMES) {
    await page.goto(`/login/problem?code=${code}&provider=github`);
    await expect(page.getByRole('heading', { name: title })).toBeFocused();
    const link = page.getByRole('link', { name: step, exact: true });
    await expect(link, code).toHaveAttribute(
      'href',
      /^\/(api\/v1\/auth\/github\?|login|register|verify)/,
    );
    await expect(page.getByText(code)).toHaveCount(0);
  }
});

test('nothing of the address is shown on the page of a failed sign-in', async ({ page }) => {
  await showProviders(page);
  const words = 'Your password has expired: call 0123';
  const query = new URLSearchParams({ code: words, provider: words, message: words });
  await page.goto(`/login/problem?${query}`);
  await expect(page.getByRole('heading', { name: 'The sign-in didn’t work' })).toBeVisible();
  expect(await page.locator('body').textContent()).not.toContain('0123');
  expect(await page.title()).not.toContain('0123');
  await page.goto('/login/problem?code=user.unverified&provider=github');
  await expect(page.getByRole('link', { name: 'Back to sign in' })).toHaveAttribute(
    'href',
    '/login',
  );
  await page.goto('/login/problem');
  await expect(page.getByRole('heading', { name: 'The sign-in didn’t work' })).toBeVisible();
});

test('who is signed in all the same goes back to the settings', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await showProviders(page);
  await page.goto('/login/problem?code=provider.cancelled&provider=github');
  await page.getByRole('link', { name: 'Back to the settings' }).click();
  await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
});
