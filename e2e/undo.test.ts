import { addLatency, expect, row, test } from './fixtures.ts';

test.describe('deleting', () => {
  test.beforeEach(async ({ signedIn: page, person }) => {
    await person.addTasks('Call Grandma', 'Buy oat milk');
    await page.reload();
    await row(page, 'Buy oat milk').getByRole('link').focus();
  });

  test('asks nothing, and the toast takes it back', async ({ signedIn: page, person }) => {
    await page.keyboard.press('#');
    await expect(row(page, 'Buy oat milk')).toHaveCount(0);
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(row(page, 'Buy oat milk')).toBeVisible();
    await expect
      .poll(() => person.call('GET', '/api/v1/tasks/counts'))
      .toMatchObject({ pending: 2, trashed: 0 });
  });

  test('is taken back by Ctrl+Z, also before the server has answered', async ({
    signedIn: page,
    person,
  }) => {
    await addLatency(page, 400);
    await page.keyboard.press('#');
    await expect(row(page, 'Buy oat milk')).toHaveCount(0);
    await page.keyboard.press('Control+z');
    await expect(row(page, 'Buy oat milk').getByRole('link')).toBeFocused();
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
    await expect
      .poll(() => person.call('GET', '/api/v1/tasks/counts'))
      .toMatchObject({ pending: 2, trashed: 0 });
    await page.unrouteAll({ behavior: 'wait' });
    await page.reload();
    await expect(row(page, 'Buy oat milk')).toBeVisible();
  });

  test('Ctrl+Z belongs to the text while one types', async ({ signedIn: page }) => {
    await page.keyboard.press('#');
    await page.keyboard.press('q');
    await page.keyboard.type('abc');
    await page.keyboard.press('Control+z');
    await expect(row(page, 'Buy oat milk')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Add a task' })).not.toHaveValue('abc');
  });

  test('leaves the cursor on the next task', async ({ signedIn: page }) => {
    await page.keyboard.press('#');
    await expect(row(page, 'Call Grandma').getByRole('link')).toBeFocused();
  });

  test('offers Undo for ten seconds, not counting a rest on it; the trash keeps the task', async ({
    page,
    context,
    person,
  }) => {
    await page.close();
    await person.enter(context);
    const timed = await context.newPage();
    await timed.clock.install();
    await timed.goto('/');
    await row(timed, 'Buy oat milk').getByRole('link').focus();
    await timed.keyboard.press('#');
    const undo = timed.getByRole('button', { name: 'Undo' });
    await expect(undo).toBeVisible();
    await timed.clock.runFor(8_000);
    await expect(undo).toBeVisible();
    await undo.hover();
    await timed.clock.runFor(20_000);
    await expect(undo).toBeVisible();
    await timed.mouse.move(5, 5);
    await timed.clock.runFor(2_500);
    await expect(undo).toHaveCount(0);
    await timed.getByRole('link', { name: 'Trash 1' }).click();
    await expect(row(timed, 'Buy oat milk')).toBeVisible();
  });
});

test('completing offers the way back to exactly what the task was', async ({
  signedIn: page,
  person,
}) => {
  const [task] = await person.addTasks('Buy oat milk');
  await person.call('PATCH', `/api/v1/tasks/${task?.id}`, { status: 'in_progress' });
  await page.reload();
  await row(page, 'Buy oat milk').getByRole('link').focus();
  await page.keyboard.press('d');
  await expect(row(page, 'Buy oat milk')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(row(page, 'Buy oat milk')).toContainText('In progress');
  await expect
    .poll(() => person.call('GET', `/api/v1/tasks/${task?.id}`))
    .toMatchObject({ status: 'in_progress', completed_at: null });
});
