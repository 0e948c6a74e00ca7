import { expect, test } from 'vitest';
import { refreshCookie } from '../../../test/harness/accounts.ts';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { addRole, somebodyWith } from '../../../test/harness/roles.ts';
import { until } from '../../../test/harness/until.ts';

const t = useTestApp();
const USERS = '/api/v1/admin/users';

const anAdmin = () => t.signIn('admin', ['admin', 'user']);

function patch(as: TestUser, id: string, body: object) {
  return t.call('PATCH', `${USERS}/${id}`, { as, body });
}

async function stored(id: string) {
  const { rows } = await t.owner.query('SELECT * FROM users WHERE id = $1', [id]);
  return rows[0];
}

async function rolesOf(id: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    'SELECT role_name FROM user_roles WHERE user_id = $1 ORDER BY 1',
    [id],
  );
  return rows.map((row) => row.role_name);
}

/** Within the second that the news may take to every process. */
async function untilRefused(as: TestUser, code: string): Promise<void> {
  const answer = () => t.call('GET', '/api/v1/tasks', { as });
  await until(async () => (await answer()).json().code === code, 1000);
}

async function actionsAbout(id: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    'SELECT action FROM audit_events WHERE user_id = $1 AND actor_id <> $1 ORDER BY position',
    [id],
  );
  return rows.map((row) => row.action);
}

test('a role that is withdrawn is of no use to the old token, nor to a new one', async () => {
  const admin = await anAdmin();
  const role = await addRole(t.owner, ['users:read', 'users:update']);
  const manager = await t.signIn('manager', ['user', role]);
  expect((await t.call('GET', USERS, { as: manager })).statusCode).toBe(200);
  expect((await patch(admin, manager.id, { roles: ['user'] })).json().roles).toEqual(['user']);
  // A change asks the database, a look hears of it within the second.
  const change = await patch(manager, manager.id, { name: 'x' });
  expect([change.statusCode, change.json().code]).toEqual([401, 'token.stale']);
  await untilRefused(manager, 'token.stale');
  const headers = { cookie: refreshCookie(t.ctx, manager) };
  const { access_token } = (await t.call('POST', '/api/v1/refresh', { headers })).json();
  const as = { ...manager, accessToken: access_token };
  for (const answer of [
    await t.call('GET', USERS, { as }),
    await patch(as, manager.id, { name: 'x' }),
  ]) {
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'permission.missing']);
  }
  expect(await actionsAbout(manager.id)).toEqual(['role.withdrawn']);
});

test('whoever may only change users sets no roles, neither theirs nor those of others', async () => {
  const manager = await somebodyWith(t, ['users:read', 'users:update']);
  const ada = await t.signIn('ada');
  const whole = { name: null, email: ada.email, status: 'active', roles: ['user', 'admin'] };
  for (const answer of [
    await patch(manager, manager.id, { roles: ['user', 'admin'] }),
    await patch(manager, ada.id, { roles: ['user', 'admin'] }),
    await patch(manager, ada.id, { roles: [] }),
    await t.call('PUT', `${USERS}/${ada.id}`, { as: manager, body: whole }),
  ]) {
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'permission.missing']);
  }
  expect(await rolesOf(ada.id)).toEqual(['user']);
  expect(await rolesOf(manager.id)).not.toContain('admin');
});

test('nobody gives or takes a role beyond what they hold, and within that they may', async () => {
  const manager = await somebodyWith(t, ['users:read', 'users:update', 'roles:assign']);
  const weak = await addRole(t.owner, ['users:read']);
  const strong = await addRole(t.owner, ['users:read', 'users:delete']);
  const ada = await t.signIn('ada');
  for (const roles of [['admin'], ['user', strong]]) {
    for (const id of [ada.id, manager.id]) {
      const answer = await patch(manager, id, { roles });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'role.beyond_own']);
    }
  }
  expect((await patch(manager, ada.id, { roles: ['user', weak] })).statusCode).toBe(200);
  expect(await rolesOf(ada.id)).toEqual([weak, 'user']);
  expect(await actionsAbout(ada.id)).toEqual(['role.assigned']);
});

test('an account that may do more than the actor is out of reach', async () => {
  const manager = await somebodyWith(t, [
    'users:read',
    'users:update',
    'users:delete',
    'roles:assign',
  ]);
  const strong = await t.signIn('strong', ['user', await addRole(t.owner, ['audit:read'])]);
  const gone = await t.addAccount({ isDeleted: true, roles: ['admin'] });
  const before = [await stored(strong.id), await stored(gone.id)];
  const path = `${USERS}/${strong.id}`;
  for (const answer of [
    await patch(manager, strong.id, { name: 'x' }),
    await patch(manager, strong.id, { email: 'mine@example.org' }),
    await patch(manager, strong.id, { status: 'disabled' }),
    await patch(manager, strong.id, { roles: ['user'] }),
    await t.call('DELETE', path, { as: manager }),
    await t.call('DELETE', `${path}/sessions`, { as: manager }),
    await t.call('POST', `${path}/password-reset`, { as: manager }),
    await t.call('POST', `${USERS}/${gone.id}/restore`, { as: manager }),
  ]) {
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'user.beyond_own']);
  }
  expect([await stored(strong.id), await stored(gone.id)]).toEqual(before);
  expect((await t.call('GET', '/api/v1/tasks', { as: strong })).statusCode).toBe(200);
});
