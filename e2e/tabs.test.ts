import { expect, row, test } from './fixtures.ts';

test('two tabs stay in step', async ({ signedIn: page, context, person }) => {
  await person.addTasks('Call Grandma');
  await page.reload();
  const other = await context.newPage();
  await other.goto('/');
  await expect(row(other, 'Call Grandma')).toBeVisible();

  await page.getByRole('textbox', { name: 'Add a task' }).fill('Buy oat milk');
  await page.keyboard.press('Enter');
  await expect(row(other, 'Buy oat milk')).toBeVisible();
  await expect(other.getByRole('link', { name: 'Open 2' })).toBeVisible();

  await row(other, 'Call Grandma').getByRole('checkbox').click();
  await expect(row(page, 'Call Grandma')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Completed 1' })).toBeVisible();
});

test('ten tabs opened at once share one refresh and never sign each other out', async ({
  signedIn: page,
  context,
}) => {
  let refreshes = 0;
  await context.route('**/api/v1/refresh', (route) => {
    refreshes += 1;
    return route.continue();
  });
  const tabs = await Promise.all(Array.from({ length: 9 }, () => context.newPage()));
  const all = [page, ...tabs];
  await Promise.all(all.map((tab) => tab.goto('/')));
  for (const tab of all) {
    await expect(tab.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
  }
  expect(refreshes).toBeLessThanOrEqual(2);

  // Every token that a tab holds by now is refused, as after a change of the person's rights.
  const fresh = new Set<string>();
  await context.unroute('**/api/v1/refresh');
  await context.route('**/api/v1/refresh', async (route) => {
    refreshes += 1;
    const response = await route.fetch();
    fresh.add(`Bearer ${((await response.json()) as { access_token: string }).access_token}`);
    return route.fulfill({ response });
  });
  await context.route('**/api/v1/tasks/counts', (route) =>
    fresh.has(route.request().headers().authorization ?? '')
      ? route.continue()
      : route.fulfill({
          status: 401,
          contentType: 'application/problem+json',
          body: JSON.stringify({ status: 401, code: 'token.stale' }),
        }),
  );
  const before = refreshes;
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Buy oat milk');
  await page.keyboard.press('Enter');
  for (const tab of all) await expect(row(tab, 'Buy oat milk')).toBeVisible();
  await expect.poll(() => refreshes).toBeGreaterThan(before);
  expect(refreshes - before).toBeLessThanOrEqual(2);
  for (const tab of all) await expect(tab.getByRole('link', { name: 'Open 1' })).toBeVisible();
});

test('signing out in one tab signs all of them out', async ({ signedIn: page, context }) => {
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
  await page.getByRole('button', { name: /your account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(other.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

test('signing in in one tab continues in the others', async ({ page, context, person }) => {
  const other = await context.newPage();
  await Promise.all([page.goto('/login'), other.goto('/?show=all')]);
  await expect(other.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { name: 'No tasks yet' })).toBeVisible();
  await expect(other).toHaveURL('/?show=all');
});
