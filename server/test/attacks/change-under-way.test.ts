import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../harness/accounts.ts';
import { useTestApp } from '../harness/app.ts';
import { outcomeOf } from '../harness/mails.ts';
import { isSomebodyWaitingFor } from '../harness/statements.ts';
import { until } from '../harness/until.ts';

const t = useTestApp();

test.each([
  ['disabled', "UPDATE users SET status = 'disabled' WHERE id = $1"],
  ['deleted', 'UPDATE users SET deleted_at = now() WHERE id = $1'],
])('whoever is %s while they sign in is not signed in', async (_name, change) => {
  const { id, email } = await t.addAccount();
  await t.owner.query('BEGIN');
  await t.owner.query(change, [id]);
  const body = { email, password: TEST_PASSWORD };
  // Sent at once, not when somebody asks for the answer.
  const answer = Promise.resolve(t.call('POST', '/api/v1/login', { body }));
  await until(() => isSomebodyWaitingFor(t.owner), 10_000);
  await t.owner.query('COMMIT');
  expect(outcomeOf(await answer)).toBe('401 credentials.invalid');
  const { rowCount } = await t.owner.query('SELECT 1 FROM sessions WHERE user_id = $1', [id]);
  expect(rowCount).toBe(0);
});

test('whoever loses a permission while their request is under way does not use it', async () => {
  const [root, bob] = [await t.signIn('root', ['admin', 'user']), await t.addAccount()];
  await t.owner.query('BEGIN');
  await t.owner.query('UPDATE users SET auth_version = auth_version + 1 WHERE id = $1', [root.id]);
  const body = { name: 'Mallory' };
  const answer = Promise.resolve(
    t.call('PATCH', `/api/v1/admin/users/${bob.id}`, { as: root, body }),
  );
  await until(() => isSomebodyWaitingFor(t.owner), 10_000);
  await t.owner.query("DELETE FROM user_roles WHERE user_id = $1 AND role_name = 'admin'", [
    root.id,
  ]);
  await t.owner.query('COMMIT');
  expect(outcomeOf(await answer)).toBe('403 permission.missing');
  const { rows } = await t.owner.query('SELECT name FROM users WHERE id = $1', [bob.id]);
  expect(rows).toEqual([{ name: null }]);
});
