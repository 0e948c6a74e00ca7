import type { Page } from '@playwright/test';
import { expectNoViolations } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { showConnected, showMerges, showProviders, WITH_ONE_DOWN } from './made-up-providers.ts';

const OFFERED = '/settings/security?problem=provider.identity_taken&provider=github#merge=abc';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`accessibility in ${colorScheme}`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test('the ways to sign in and their problems have no violation', async ({ page }) => {
      await showProviders(page, WITH_ONE_DOWN);
      await page.goto('/login');
      await expect(page.getByRole('link', { name: 'Continue with GitHub' })).toBeVisible();
      await expectNoViolations(page, 'sign-in');
      await page.goto('/register');
      await expect(page.getByRole('link', { name: 'Continue with GitHub' })).toBeVisible();
      await expectNoViolations(page, 'registration');
      for (const code of ['provider.cancelled', 'provider.link_required', 'provider.unavailable']) {
        await page.goto(`/login/problem?code=${code}&provider=microsoft`);
        await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
        await expectNoViolations(page, code);
      }
      await showProviders(page, WITH_ONE_DOWN, 1_500);
      await page.goto('/login');
      await expect(page.getByRole('link', { name: 'Continue with GitHub' })).toBeVisible();
      await expectNoViolations(page, 'a late list');
    });

    test('the settings and their dialogs have no violation', async ({ page, context, person }) => {
      await person.enter(context);
      await openSettings(page);
      await expectNoViolations(page, 'settings');
      await page.getByRole('button', { name: /^Disconnect GitHub/ }).click();
      await expectNoViolations(page, 'disconnect');
      await page.route('**/api/v1/users/me/providers/*', (route) =>
        route.fulfill({ status: 401, json: { status: 401, code: 'fresh_sign_in.required' } }),
      );
      await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
      await expect(page.getByLabel('Your password')).toBeFocused();
      await expectNoViolations(page, 'fresh sign-in');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await page.getByRole('button', { name: 'Merge another account' }).click();
      await page.keyboard.press('Enter');
      await expect(page.getByText('Enter your e-mail address.')).toBeVisible();
      await expectNoViolations(page, 'proof');
      await page.goto('/nowhere');
      await page.goto(OFFERED);
      await expect(page.getByRole('button', { name: 'Merge', exact: true })).toBeVisible();
      await expectNoViolations(page, 'offer');
      await showConnected(page, { isLastWay: true });
      await page.goto('/settings/security');
      await expect(page.getByText('This is your only way to sign in')).toBeVisible();
      await expectNoViolations(page, 'the only way');
      await page.route('**/api/v1/users/me/*', (route) => route.fulfill({ status: 500 }));
      await page.reload();
      await expect(page.getByRole('button', { name: 'Try again' }).first()).toBeVisible();
      await expectNoViolations(page, 'failure');
    });
  });
}

test('at 320 pixels nothing is cut off', async ({ page, context, person }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await showProviders(page, WITH_ONE_DOWN);
  const problem = '/login/problem?code=provider.local_sign_in_required&provider=microsoft';
  for (const address of ['/login', '/register', problem]) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expectToFit(page, address);
  }
  await person.enter(context);
  await openSettings(page);
  await expectToFit(page, 'settings');
  await page.getByRole('button', { name: /^Disconnect GitHub/ }).click();
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeInViewport();
  await expectToFit(page, 'disconnect');
  await page.goto('/nowhere');
  await page.goto(OFFERED);
  const merge = page.getByRole('button', { name: 'Merge', exact: true });
  await merge.scrollIntoViewIfNeeded();
  await expect(merge).toBeInViewport();
  await expectToFit(page, 'offer');
});

test('the settings are used by keyboard alone', async ({ page, context, person }) => {
  await person.enter(context);
  await openSettings(page);
  const disconnect = page.getByRole('button', { name: /^Disconnect GitHub/ });
  await page.getByRole('button', { name: /^Disconnect Google/ }).focus();
  await page.keyboard.press('Tab');
  await expect(disconnect).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(disconnect).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(disconnect).toBeFocused();
});

async function openSettings(page: Page): Promise<void> {
  await showProviders(page, WITH_ONE_DOWN);
  await showConnected(page);
  await showMerges(page);
  await page.goto('/settings/security?linked=github');
  await expect(page.getByText('Merged accounts')).toBeVisible();
}

async function expectToFit(page: Page, what: string): Promise<void> {
  const width = await page.evaluate(() =>
    Math.max(
      document.documentElement.scrollWidth,
      ...[...document.querySelectorAll('dialog[open]')].map((dialog) => dialog.scrollWidth),
    ),
  );
  expect(width, what).toBeLessThanOrEqual(320);
}
