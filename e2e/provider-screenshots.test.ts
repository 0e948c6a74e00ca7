import { expect, test } from './fixtures.ts';
import { showConnected, showMerges, showProviders, WITH_ONE_DOWN } from './made-up-providers.ts';
import { takePicture } from './picture.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 1000 };

for (const colorScheme of ['light', 'dark'] as const) {
  test(`pictures of signing in by a provider in ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await showProviders(page, WITH_ONE_DOWN);
    const visit = async (address: string, heading: string, name: string) => {
      await page.goto(address);
      await expect(page.getByRole('heading', { name: heading })).toBeVisible();
      await takePicture(page, `${name}-${colorScheme}`);
    };
    await visit('/login', 'Welcome back', 'providers');
    await visit(
      '/login/problem?code=provider.cancelled&provider=github',
      'You didn’t finish signing in',
      'provider-problem',
    );
    await visit(
      '/login/problem?code=provider.link_required&provider=google',
      'You may have an account already',
      'provider-link-required',
    );
    await page.setViewportSize(PHONE);
    await visit('/login', 'Welcome back', 'phone-providers');
    await visit('/register', 'Create your account', 'phone-register-providers');
  });

  test(`pictures of the settings in ${colorScheme}`, async ({ page, context, person }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(DESK);
    await showProviders(page, WITH_ONE_DOWN);
    await showConnected(page);
    await showMerges(page);
    await person.enter(context);
    const github = 'Disconnect GitHub, lovelace@analytical-engine.example';
    await page.goto('/settings/security?linked=github');
    await expect(page.getByText('Merged accounts')).toBeVisible();
    await takePicture(page, `settings-${colorScheme}`);
    await page.getByRole('button', { name: github }).click();
    await takePicture(page, `disconnect-${colorScheme}`);
    await page.keyboard.press('Escape');

    const offered = '/settings/security?problem=provider.identity_taken&provider=github#merge=abc';
    await page.goto('/');
    await page.goto(offered);
    await expect(page.getByRole('button', { name: 'Merge', exact: true })).toBeVisible();
    await takePicture(page, `merge-offer-${colorScheme}`);
    await page.setViewportSize(PHONE);
    await takePicture(page, `phone-merge-offer-${colorScheme}`);
    await page.keyboard.press('Escape');
    await takePicture(page, `phone-settings-${colorScheme}`);

    await page.setViewportSize(DESK);
    await showConnected(page, { isLastWay: true });
    await page.goto('/settings/security');
    await expect(page.getByText('This is your only way to sign in')).toBeVisible();
    await takePicture(page, `settings-only-way-${colorScheme}`);
    await showConnected(page);
    await page.route('**/api/v1/users/me/providers/*', (route) =>
      route.fulfill({
        status: 401,
        contentType: 'application/problem+json',
        json: { status: 401, code: 'fresh_sign_in.required', detail: 'Sign in again.' },
      }),
    );
    await page.goto('/settings/security');
    await page.getByRole('button', { name: github }).click();
    await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
    await expect(page.getByLabel('Your password')).toBeFocused();
    await takePicture(page, `fresh-sign-in-${colorScheme}`);
  });
}
