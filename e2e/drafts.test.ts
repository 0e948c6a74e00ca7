import { expect, refuse, row, test } from './fixtures.ts';

test('a new task that was only typed is still there after closing the tab', async ({
  signedIn: page,
  context,
}) => {
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Half a tho');
  await page.close();
  const again = await context.newPage();
  await again.goto('/');
  await expect(again.getByRole('textbox', { name: 'Add a task' })).toHaveValue('Half a tho');
});

test('a new task that never reached the server is sent again by the next page, once', async ({
  signedIn: page,
  context,
  person,
}) => {
  await page.route(/\/api\/v1\/tasks$/, (route) =>
    // Without an answer, as on a connection that hangs.
    route.request().method() === 'POST' ? undefined : route.fallback(),
  );
  await page.getByRole('textbox', { name: 'Add a task' }).fill('Water the plants');
  await page.keyboard.press('Enter');
  await expect(row(page, 'Water the plants')).toBeVisible();
  await page.close();

  const again = await context.newPage();
  await again.goto('/');
  await expect(row(again, 'Water the plants')).toHaveCount(1);
  const titles = async () =>
    (await person.call<{ items: { title: string }[] }>('GET', '/api/v1/tasks')).items.map(
      (task) => task.title,
    );
  await expect.poll(titles).toEqual(['Water the plants']);
  await expect
    .poll(() =>
      again.evaluate(() => Object.keys(localStorage).filter((key) => /\.new\./.test(key))),
    )
    .toEqual([]);
  await again.reload();
  await expect(row(again, 'Water the plants')).toHaveCount(1);
  expect(await titles()).toEqual(['Water the plants']);
});

test('an edit that never reached the server is marked, offered again, and saved or dropped', async ({
  signedIn: page,
  context,
  person,
}) => {
  const [task] = await person.addTasks('Water the plants');
  await page.goto(`/?task=${task?.id}`);
  await page.route(/\/api\/v1\/tasks\/\d+$/, (route) =>
    // Closing the tab leaves the field, which saves: without an answer, as on a connection that hangs.
    route.request().method() === 'PATCH' ? undefined : route.fallback(),
  );
  await page.getByRole('textbox', { name: 'Description' }).fill('The ones on the balc');
  await page.close();

  const again = await context.newPage();
  await again.goto('/');
  await expect(row(again, 'Water the plants')).toContainText('Unsaved text');
  await row(again, 'Water the plants').getByRole('link').click();
  await expect(again.getByText('This is what you typed last time.')).toBeVisible();
  await expect(again.getByRole('textbox', { name: 'Description' })).toHaveValue(
    'The ones on the balc',
  );
  await again.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(row(again, 'Water the plants')).not.toContainText('Unsaved text');
  await expect
    .poll(() => person.call('GET', `/api/v1/tasks/${task?.id}`))
    .toMatchObject({ description: 'The ones on the balc' });
});

test('text that the server has after all is no longer marked as unsaved', async ({
  signedIn: page,
  context,
  person,
}) => {
  const [task] = await person.addTasks('Water the plants');
  await page.goto(`/?task=${task?.id}`);
  await page.route(/\/api\/v1\/tasks\/\d+$/, (route) =>
    route.request().method() === 'PATCH' ? undefined : route.fallback(),
  );
  await page.getByRole('textbox', { name: 'Description' }).fill('The ones on the balcony');
  await page.close();
  await person.call('PATCH', `/api/v1/tasks/${task?.id}`, {
    description: 'The ones on the balcony',
  });

  const again = await context.newPage();
  await again.goto('/');
  await expect(row(again, 'Water the plants')).toContainText('Has a description');
  await expect(row(again, 'Water the plants')).not.toContainText('Unsaved text');
});

test('text is saved when its field is left, when Escape closes the panel, and when another task opens', async ({
  signedIn: page,
  person,
}) => {
  const [second, first] = await person.addTasks('Second', 'First');
  const description = async (id?: number) =>
    (await person.call<{ description: string | null }>('GET', `/api/v1/tasks/${id}`)).description;
  await page.reload();
  await row(page, 'First').getByRole('link').click();
  const field = page.getByRole('textbox', { name: 'Description' });
  await field.fill('one');
  await page.getByRole('textbox', { name: 'Title' }).focus();
  await expect.poll(() => description(first?.id)).toBe('one');
  await field.fill('two');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary', { name: 'Task' })).toHaveCount(0);
  await expect.poll(() => description(first?.id)).toBe('two');
  await row(page, 'First').getByRole('link').click();
  await field.fill('three');
  await row(page, 'Second').getByRole('link').click();
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Second');
  await expect.poll(() => description(first?.id)).toBe('three');
  expect(await description(second?.id)).toBe(null);
});

test('a change of the same field elsewhere is shown, and the person decides', async ({
  signedIn: page,
  person,
}) => {
  const [task] = await person.addTasks('Water the plants');
  await page.goto(`/?task=${task?.id}`);
  const field = page.getByRole('textbox', { name: 'Description' });
  await field.fill('mine');
  await person.call('PATCH', `/api/v1/tasks/${task?.id}`, { description: 'theirs' });
  await page.getByRole('textbox', { name: 'Title' }).focus();
  await expect(
    page.getByText('This task was changed elsewhere while you were writing.'),
  ).toBeVisible();
  await expect(page.getByRole('alert').getByText('theirs')).toBeVisible();
  await expect(field).toHaveValue('mine');
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await expect
    .poll(() => person.call('GET', `/api/v1/tasks/${task?.id}`))
    .toMatchObject({ description: 'mine' });

  await field.fill('mine again');
  await person.call('PATCH', `/api/v1/tasks/${task?.id}`, { description: 'theirs again' });
  await page.getByRole('textbox', { name: 'Title' }).focus();
  await page.getByRole('button', { name: 'Use the other version' }).click();
  await expect(field).toHaveValue('theirs again');
});

test('a change of another field elsewhere is no conflict', async ({ signedIn: page, person }) => {
  const [task] = await person.addTasks('Water the plants');
  await page.goto(`/?task=${task?.id}`);
  await page.getByRole('textbox', { name: 'Description' }).fill('mine');
  await person.call('PATCH', `/api/v1/tasks/${task?.id}`, { status: 'in_progress' });
  await page.getByRole('textbox', { name: 'Title' }).focus();
  await expect
    .poll(() => person.call('GET', `/api/v1/tasks/${task?.id}`))
    .toMatchObject({ description: 'mine', status: 'in_progress' });
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the end of the session keeps what was typed and leads back to it', async ({
  signedIn: page,
  context,
  person,
}) => {
  const [task] = await person.addTasks('Water the plants');
  await page.goto(`/?task=${task?.id}`);
  await page.getByRole('textbox', { name: 'Description' }).fill('The ones on the balcony');
  await context.clearCookies();
  await refuse(page, 'PATCH', /\/api\/v1\/tasks\/\d+$/, {
    status: 401,
    code: 'token.expired',
    detail: 'The access token has expired.',
  });
  await page.getByRole('textbox', { name: 'Title' }).focus();
  await expect(page.getByText('Your session has ended.').first()).toBeVisible();
  await page.unrouteAll();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`/?task=${task?.id}`);
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue(
    'The ones on the balcony',
  );
});
