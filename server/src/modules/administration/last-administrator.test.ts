import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../../test/harness/app.ts';
import { isSomebodyWaitingFor } from '../../../test/harness/statements.ts';
import { until } from '../../../test/harness/until.ts';

const USERS = '/api/v1/admin/users';
let t: TestApp;

beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

async function activeAdministrators(): Promise<number> {
  const { rows } = await t.owner.query(
    `SELECT count(*)::int AS count FROM users JOIN user_roles ON user_id = id
     WHERE role_name = 'admin' AND deleted_at IS NULL AND status <> 'disabled'`,
  );
  return rows[0].count;
}

/** Every way to lose an administrator. */
const LOSSES = {
  disabling: (as: TestUser, id: string) =>
    t.call('PATCH', `${USERS}/${id}`, { as, body: { status: 'disabled' } }),
  deleting: (as: TestUser, id: string) => t.call('DELETE', `${USERS}/${id}`, { as }),
  'withdrawing the role': (as: TestUser, id: string) =>
    t.call('PATCH', `${USERS}/${id}`, { as, body: { roles: ['user'] } }),
};

test.each(Object.entries(LOSSES))('%s › the last administrator stays', async (_name, lose) => {
  const admin = await t.signIn('admin', ['admin']);
  await t.addAccount({ roles: ['admin'], status: 'disabled' });
  await t.addAccount({ roles: ['admin'], isDeleted: true });
  const answer = await lose(admin, admin.id);
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'user.last_administrator']);
  expect(await activeAdministrators()).toBe(1);
});

test.each(Object.entries(LOSSES))(
  '%s › two administrators who do it to each other at once: one wins',
  async (_name, lose) => {
    const [ada, bob] = [await t.signIn('ada', ['admin']), await t.signIn('bob', ['admin'])];
    const answers = await Promise.all([lose(ada, bob.id), lose(bob, ada.id)]);
    const won = answers.filter((answer) => answer.statusCode < 300);
    expect(won).toHaveLength(1);
    expect(await activeAdministrators()).toBe(1);
  },
);

test('administrators who all delete their own account at once leave one', async () => {
  const admins: TestUser[] = [];
  while (admins.length < 5) admins.push(await t.signIn('a', ['admin', 'user']));
  const answers = await Promise.all(
    admins.map((as) => t.call('DELETE', '/api/v1/users/me', { as, body: {} })),
  );
  expect(answers.map((it) => it.statusCode).sort()).toEqual([200, 200, 200, 200, 409]);
  expect(await activeAdministrators()).toBe(1);
});

test('ten administrators who all leave at once, each in some way, leave one', async () => {
  const admins: TestUser[] = [];
  while (admins.length < 10) admins.push(await t.signIn('a', ['admin']));
  const ways = Object.values(LOSSES);
  const answers = await Promise.all(
    admins.map((admin, i) => ways[i % ways.length]?.(admin, admin.id)),
  );
  expect(answers.filter((answer) => (answer?.statusCode ?? 500) < 300)).toHaveLength(9);
  const refused = answers.filter((answer) => answer?.statusCode === 409);
  expect(refused.map((answer) => answer?.json().code)).toEqual(['user.last_administrator']);
  expect(await activeAdministrators()).toBe(1);
});

test('an administrator who is disabled while they act does nothing any more', async () => {
  const [ada, bob, eve] = [
    await t.signIn('ada', ['admin']),
    await t.signIn('bob', ['admin']),
    await t.signIn('eve', ['admin']),
  ];
  const answers = await Promise.all([LOSSES.disabling(ada, bob.id), LOSSES.disabling(bob, ada.id)]);
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 401]);
  expect(await activeAdministrators()).toBe(2);
  expect((await t.call('GET', USERS, { as: eve })).statusCode).toBe(200);
});

test('whoever becomes the last administrator while they delete their own account stays', async () => {
  const [ada, bob] = [await t.signIn('ada', ['admin']), await t.signIn('bob')];
  await t.owner.query('BEGIN');
  await t.owner.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [bob.id]);
  // Sent at once, not when somebody asks for the answer.
  const answer = Promise.resolve(t.call('DELETE', '/api/v1/users/me', { as: bob, body: {} }));
  await until(() => isSomebodyWaitingFor(t.owner), 5000);
  await t.owner.query("INSERT INTO user_roles (user_id, role_name) VALUES ($1, 'admin')", [bob.id]);
  await t.owner.query('UPDATE users SET deleted_at = now() WHERE id = $1', [ada.id]);
  await t.owner.query('COMMIT');
  expect((await answer).json().code).toBe('user.last_administrator');
  expect(await activeAdministrators()).toBe(1);
});
