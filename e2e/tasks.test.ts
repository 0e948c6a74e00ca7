import { expect, row, test } from './fixtures.ts';

test.describe('the task list', () => {
  test('a task is added, edited, completed and found again', async ({ signedIn: page }) => {
    await page.getByRole('textbox', { name: 'Add a task' }).fill('Book train to Leipzig');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('textbox', { name: 'Add a task' })).toHaveValue('');
    await row(page, 'Book train').getByRole('link').click();

    await page.getByRole('textbox', { name: 'Title' }).fill('Book train to Dresden');
    await page.getByRole('textbox', { name: 'Description' }).fill('A seat by the window.');
    await page.getByRole('radio', { name: 'In progress' }).check();
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Close task' }).click();

    await page.reload();
    await expect(row(page, 'Book train to Dresden')).toContainText('In progress');
    await row(page, 'Dresden').getByRole('checkbox').click();
    await expect(row(page, 'Dresden')).toHaveCount(0);

    await page.getByRole('link', { name: 'Completed 1' }).click();
    await expect(row(page, 'Dresden').getByRole('checkbox')).toBeChecked();
    await row(page, 'Dresden').getByRole('link').click();
    await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue(
      'A seat by the window.',
    );
  });

  test('filters and search stand in the address and go back with it', async ({
    signedIn: page,
    person,
  }) => {
    const [milk, letter] = await person.addTasks('Buy oat milk', 'Post the letter', 'Call Grandma');
    await person.call('PUT', `/api/v1/tasks/${letter?.id}/completion`, { completed: true });
    await person.call('PATCH', `/api/v1/tasks/${milk?.id}`, { status: 'in_progress' });
    await page.reload();
    await expect(page.getByRole('list', { name: 'Open: tasks' }).getByRole('listitem')).toHaveCount(
      2,
    );

    await page.getByRole('link', { name: 'In progress 1' }).click();
    await expect(page).toHaveURL('/?show=in_progress');
    await expect(page.getByRole('listitem').filter({ hasText: 'oat milk' })).toBeVisible();
    await expect(row(page, 'Call Grandma')).toHaveCount(0);

    await page.getByRole('link', { name: 'All 3' }).click();
    await page.getByRole('searchbox').fill('LETTER po');
    await expect(page).toHaveURL('/?show=all&q=LETTER+po');
    await expect(row(page, 'Post the letter')).toBeVisible();
    await expect(row(page, 'Call Grandma')).toHaveCount(0);

    await page.reload();
    await expect(page.getByRole('searchbox')).toHaveValue('LETTER po');
    await page.goBack();
    await expect(page).toHaveURL('/?show=in_progress');
    await expect(page.getByRole('searchbox')).toHaveValue('');
  });

  test('a search without result offers to search all tasks', async ({ signedIn: page, person }) => {
    const [letter] = await person.addTasks('Post the letter');
    await person.call('PUT', `/api/v1/tasks/${letter?.id}/completion`, { completed: true });
    await page.getByRole('searchbox').fill('letter');
    await page.getByRole('button', { name: 'Search all tasks' }).click();
    await expect(row(page, 'Post the letter')).toBeVisible();
  });

  test('a long list goes on when its end comes near, and on request', async ({
    signedIn: page,
    person,
  }) => {
    await person.addTasks(...Array.from({ length: 120 }, (_, i) => `Task number ${i + 1}`));
    await page.reload();
    const items = page.getByRole('list', { name: 'Open: tasks' }).getByRole('listitem');
    await expect(items).toHaveCount(50);
    // Pressed without scrolling to it, which would fetch the next page by itself.
    await page.getByRole('button', { name: 'Load more' }).dispatchEvent('click');
    await expect(items).toHaveCount(100);
    await items.last().scrollIntoViewIfNeeded();
    await expect(items).toHaveCount(120);
    await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0);
    await expect(row(page, 'Task number 1').last()).toBeVisible();
  });

  test('a task goes to the trash and comes back from there', async ({ signedIn: page, person }) => {
    await person.addTasks('Water the plants');
    await page.reload();
    await row(page, 'Water the plants').hover();
    await page.getByRole('button', { name: 'Delete “Water the plants”' }).click();
    await expect(row(page, 'Water the plants')).toHaveCount(0);
    await page.getByRole('link', { name: 'Trash 1' }).click();
    await row(page, 'Water the plants').getByRole('link').click();
    await expect(page.getByText('This task is in the trash.')).toBeVisible();
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByRole('link', { name: 'Open 1' }).click();
    await expect(row(page, 'Water the plants')).toBeVisible();
    await page.reload();
    await expect(row(page, 'Water the plants')).toBeVisible();
  });

  test('another person sees none of it, not even by address', async ({
    signedIn: page,
    person,
    newPerson,
    browser,
    baseURL,
  }) => {
    const [secret] = await person.addTasks('A secret of Ada');
    await page.reload();
    await expect(row(page, 'A secret of Ada')).toBeVisible();

    const other = await newPerson();
    const context = await browser.newContext(baseURL ? { baseURL } : {});
    await other.enter(context);
    const theirs = await context.newPage();
    await theirs.goto(`/?show=all&task=${secret?.id}`);
    await expect(theirs.getByRole('heading', { name: 'This task doesn’t exist' })).toBeVisible();
    await expect(theirs.getByRole('heading', { name: 'No tasks yet' })).toBeVisible();
    await expect(theirs.getByText('secret')).toHaveCount(0);
    await context.close();
  });

  test('when another person signs in in the same browser, nothing of the first remains', async ({
    signedIn: page,
    person,
    newPerson,
  }) => {
    await person.addTasks('A secret of Ada');
    await page.reload();
    await expect(row(page, 'A secret of Ada')).toBeVisible();
    await page.getByRole('button', { name: /your account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const other = await newPerson();
    await page.getByLabel('E-mail').fill(other.email);
    await page.getByLabel('Password', { exact: true }).fill(other.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'A clear desk' })).toBeVisible();
    await expect(page.getByText('secret')).toHaveCount(0);
  });
});
