import { expect, refuse, test } from './fixtures.ts';
import { showConnected, showMerges, showProviders } from './made-up-providers.ts';
import { shiftOf, watchShift } from './shift.ts';

const LARGEST_SHIFT = 0.05;

test('the settings are reached by the menu and by their address', async ({ signedIn: page }) => {
  await page.getByRole('button', { name: /your account/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
  await expect(page).toHaveTitle(/^Security/);
  await page.goto('/settings');
  await expect(page).toHaveURL(/\/settings\/security$/);
  await page.getByRole('link', { name: 'Your tasks' }).click();
  await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
});

test('visitors sign in first, and what led them there does not stand in the address', async ({
  page,
  person,
}) => {
  await page.goto('/settings/security?linked=github#merge=a-token');
  await expect(page).toHaveURL(/\/login\?next=/);
  expect(decodeURIComponent(page.url())).not.toContain('a-token');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
});

test('a server without providers says so', async ({ page, context, person }) => {
  await person.enter(context);
  await page.goto('/settings/security');
  await expect(page.getByText('This server offers no other ways to sign in')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Connect/ })).toHaveCount(0);
});

test('identities are listed with what is known of them, and the other providers after them', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await showProviders(page);
  await showConnected(page);
  await page.goto('/settings/security');
  const rows = page.getByRole('region', { name: 'Connected accounts' }).getByRole('listitem');
  await expect(rows).toHaveCount(4);
  await expect(rows.nth(0)).toContainText('ada@example.org');
  await expect(rows.nth(0)).toContainText('Connected on 1 Mar 2026');
  await expect(rows.nth(0)).toContainText('last used 3 Oct');
  await expect(rows.nth(1)).toContainText('not used yet');
  await expect(rows.nth(2)).toContainText('Not connected');
  await expect(rows.getByRole('button', { name: 'Connect Example Works' })).toBeVisible();
});

test('the list keeps its place while it loads, and says when it can’t be loaded', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await showProviders(page);
  await showConnected(page);
  await watchShift(page);
  const answer = Promise.withResolvers<void>();
  await page.route('**/api/v1/users/me/providers', async (route) => {
    await answer.promise;
    await route.fallback();
  });
  await page.goto('/settings/security');
  await expect(page.getByRole('status', { name: 'Loading your connected accounts' })).toBeVisible();
  answer.resolve();
  await expect(page.getByRole('button', { name: 'Connect Example Works' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Merge another account' })).toBeVisible();
  expect(await shiftOf(page)).toBeLessThan(LARGEST_SHIFT);

  const refused = { status: 500, code: 'internal', detail: 'Internal error' };
  await refuse(page, 'GET', /\/api\/v1\/users\/me\/providers$/, refused);
  await refuse(page, 'GET', /\/api\/v1\/users\/me\/merges$/, refused);
  await page.reload();
  await expect(
    page.getByRole('heading', { name: 'Your connected accounts couldn’t be loaded' }),
  ).toBeVisible();
  await expect(page.getByText('The list of merged accounts couldn’t be loaded.')).toBeVisible();
  await page.unrouteAll();
  await showConnected(page);
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect(page.getByRole('button', { name: /^Disconnect Google/ })).toBeVisible();

  await refuse(page, 'GET', /\/api\/v1\/users\/me\/providers$/, {
    status: 403,
    code: 'permission.missing',
    detail: 'You do not have the permission for this.',
  });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'This isn’t for you to see' })).toBeVisible();
});

const RESULTS = [
  ['linked=github', 'GitHub is connected. From now on you can sign in with it.'],
  ['linked=github&already=true', 'GitHub was connected already.'],
  ['problem=provider.cancelled&provider=github', 'You cancelled at GitHub'],
  ['problem=provider.answer_invalid&provider=google', 'What came back from Google'],
  ['problem=provider.unavailable&provider=oidc', 'It seems that Example Works can’t be reached'],
  ['problem=provider.flow_invalid&provider=github', 'This took too long'],
  ['problem=session.invalid&provider=github', 'Your session ended meanwhile'],
  ['problem=toString&provider=%3Cb%3Eevil', 'The provider couldn’t be connected.'],
] as const;

test('what came of connecting is said once, and leaves the address at once', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await showProviders(page);
  for (const [query, text] of RESULTS) {
    await page.goto('/nowhere');
    await page.goto(`/settings/security?${query}`);
    await expect(page.getByRole('main').getByText(text)).toBeVisible();
    await expect(page.getByRole('status').getByText(text)).toBeAttached();
    await expect(page).toHaveURL(/\/settings\/security$/);
  }
  expect(await page.locator('body').textContent()).not.toContain('evil');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('main').getByText('couldn’t be connected')).toHaveCount(0);

  await page.goto(`/settings/security?${RESULTS[0][0]}`);
  await expect(page.getByRole('main').getByText(RESULTS[0][1])).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: /^Connect/ }).first()).toBeVisible();
  await expect(page.getByText(RESULTS[0][1])).toHaveCount(0);
});

test('an offer to merge leaves the address, says what it means, and what to do when it is over', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await showProviders(page);
  await showMerges(page);
  const address =
    '/settings/security?problem=provider.identity_taken&provider=github#merge=a-token';
  const asked = page.waitForRequest(/\/merges\/offers\/view$/);
  await page.goto(address);
  expect((await asked).postDataJSON()).toEqual({ token: 'a-token' });
  const dialog = page.getByRole('dialog', { name: 'Merge into this account?' });
  await expect(dialog).toContainText('This sign-in at GitHub belongs to another account of yours:');
  await expect(dialog).toContainText('Ada Lovelace · 12 tasks');
  await expect(dialog.getByRole('listitem')).toHaveCount(5);
  await expect(page).toHaveURL(/\/settings\/security$/);
  await refuse(page, 'POST', /\/api\/v1\/users\/me\/merges$/, {
    status: 410,
    code: 'merge.offer_invalid',
    detail: 'This offer is over.',
  });
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('This offer is over');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(dialog).toHaveCount(0);

  // The real server knows no such offer.
  await page.unroute('**/api/v1/users/me/merges/offers/view');
  await page.goto('/nowhere');
  await page.goto(address);
  await expect(dialog.getByRole('alert')).toContainText('This offer is over');
});

test('an address that somebody else has by now keeps a merge from being undone, with the reason', async ({
  page,
  context,
  person,
}) => {
  await person.enter(context);
  await showMerges(page);
  await refuse(page, 'POST', /\/merges\/[\w-]+\/undo$/, {
    status: 409,
    code: 'user.email_taken',
    detail: 'There is already an account with this e-mail address.',
  });
  await page.goto('/settings/security');
  await page.getByRole('button', { name: /^Undo the merge of/ }).click();
  await page.getByRole('button', { name: 'Undo the merge', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText(
    'Its e-mail address belongs to somebody else by now',
  );
});
