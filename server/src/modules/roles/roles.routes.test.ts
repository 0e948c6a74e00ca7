import { expect, test } from 'vitest';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import { startTestApp, useTestApp } from '../../../test/harness/app.ts';
import { addRole, somebodyWith } from '../../../test/harness/roles.ts';
import { until } from '../../../test/harness/until.ts';
import { OPERATOR } from '../../auth/actor.ts';
import { PERMISSIONS } from '../../auth/permissions.ts';
import { createRole, listRoles } from './role-definitions.service.ts';

const t = useTestApp();
const ROLES = '/api/v1/admin/roles';

async function permissionsOf(name: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    'SELECT permission_name AS name FROM role_permissions WHERE role_name = $1 ORDER BY 1',
    [name],
  );
  return rows.map((row) => row.name);
}

async function eventsAbout(targetId: string): Promise<object[]> {
  const { rows } = await t.owner.query(
    'SELECT action, actor_id, user_id, changes FROM audit_events WHERE target_id = $1 ORDER BY position',
    [targetId],
  );
  return rows;
}

test('a role is made, replaced and removed, and the audit log tells of all three', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const body = { name: 'support', description: ' Helps ', permissions: ['users:read'] };
  const made = await t.call('POST', ROLES, { as: admin, body });
  expect(made.statusCode).toBe(201);
  expect(made.headers.location).toBe(`${ROLES}/support`);
  expect(made.json()).toMatchObject({
    name: 'support',
    description: 'Helps',
    is_builtin: false,
    permissions: ['users:read'],
    holders: 0,
  });
  const whole = { description: '', permissions: ['users:update', 'users:read'] };
  const replaced = await t.call('PUT', `${ROLES}/support`, { as: admin, body: whole });
  expect(replaced.statusCode).toBe(200);
  expect(replaced.json().permissions).toEqual(['users:read', 'users:update']);
  const again = await t.call('PUT', `${ROLES}/support`, { as: admin, body: whole });
  expect(again.json().updated_at).toBe(replaced.json().updated_at);
  const removed = await t.call('DELETE', `${ROLES}/support`, { as: admin });
  expect([removed.statusCode, removed.json()]).toEqual([200, { withdrawn_from: 0 }]);
  expect((await t.call('DELETE', `${ROLES}/support`, { as: admin })).json().code).toBe(
    'role.not_found',
  );
  const by = { actor_id: admin.id, user_id: null };
  expect(await eventsAbout('support')).toEqual([
    { ...by, action: 'role.created', changes: { permissions: ['users:read'] } },
    {
      ...by,
      action: 'role.updated',
      changes: { added: ['users:update'], removed: [], description: true },
    },
    { ...by, action: 'role.deleted', changes: { permissions: ['users:read', 'users:update'] } },
  ]);
});

test('roles and permissions are listed by name, with how many have each; deleted accounts do not count', async () => {
  const app = await startTestApp();
  const admin = await app.signIn('admin', ['admin']);
  await app.signIn();
  await app.addAccount({ isDeleted: true });
  const role = await addRole(app.owner, ['tasks:read']);
  const names: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = `limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await app.call('GET', `${ROLES}?${query}`, { as: admin });
    expect(answer.statusCode).toBe(200);
    names.push(...answer.json().items.map((role: { name: string }) => role.name));
    cursor = answer.json().next_cursor;
  }
  expect(names).toEqual(['admin', role, 'user']);
  const { items } = (await app.call('GET', ROLES, { as: admin })).json();
  expect(items.map((role: { holders: number }) => role.holders)).toEqual([1, 0, 1]);
  expect(items[0].permissions).toEqual([...PERMISSIONS].sort());
  const permissions = await app.call('GET', '/api/v1/admin/permissions', { as: admin });
  expect(permissions.json().items.map((it: { name: string }) => it.name)).toEqual(
    [...PERMISSIONS].sort(),
  );
  expect((await listRoles(app.ctx)).items).toHaveLength(3);
  await app.close();
});

test.each([
  ['a name in capitals', { name: 'Support', permissions: [] }, '/name'],
  ['a name of 51 characters', { name: 'x'.repeat(51), permissions: [] }, '/name'],
  ['a name with a line end', { name: 'support\n', permissions: [] }, '/name'],
  ['no permissions', { name: 'support' }, '/permissions'],
  ['a permission that there is not', { name: 'support', permissions: ['all'] }, '/permissions/0'],
  [
    'the same twice',
    { name: 'support', permissions: ['users:read', 'users:read'] },
    '/permissions',
  ],
  [
    'a description of 501 characters',
    { name: 'support', permissions: [], description: 'x'.repeat(501) },
    '/description',
  ],
  ['is_builtin', { name: 'support', permissions: [], is_builtin: true }, '/is_builtin'],
])('POST /admin/roles › 400 for %s', async (_name, body, pointer) => {
  const admin = await t.signIn('admin', ['admin']);
  const answer = await t.call('POST', ROLES, { as: admin, body });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors[0].pointer).toBe(pointer);
});

test('two roles of one name are made by nobody, not even at once', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const body = { name: 'twice', permissions: [] };
  const answers = await Promise.all([1, 2].map(() => t.call('POST', ROLES, { as: admin, body })));
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([201, 409]);
  expect(answers.find((it) => it.statusCode === 409)?.json().code).toBe('role.name_taken');
});

test('a malformed name of a role is answered as an absent one', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const body = { description: '', permissions: [] };
  for (const name of ['absent', '%00', 'A%20b', 'x'.repeat(51)]) {
    for (const answer of [
      await t.call('PUT', `${ROLES}/${name}`, { as: admin, body }),
      await t.call('DELETE', `${ROLES}/${name}`, { as: admin }),
    ]) {
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'role.not_found']);
    }
  }
});

test('admin cannot be changed or removed, user can be changed and not removed', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const change = { description: 'x', permissions: ['tasks:read'] };
  const builtin = await t.call('PUT', `${ROLES}/admin`, { as: admin, body: change });
  expect([builtin.statusCode, builtin.json().code]).toEqual([409, 'role.builtin']);
  for (const name of ['admin', 'user']) {
    const answer = await t.call('DELETE', `${ROLES}/${name}`, { as: admin });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'role.builtin']);
  }
  expect(await permissionsOf('admin')).toEqual([...PERMISSIONS].sort());
  const { rows } = await t.owner.query("SELECT description FROM roles WHERE name = 'user'");
  const permissions = await permissionsOf('user');
  const body = { description: 'Everybody here', permissions };
  expect((await t.call('PUT', `${ROLES}/user`, { as: admin, body })).statusCode).toBe(200);
  const back = { ...rows[0], permissions };
  expect((await t.call('PUT', `${ROLES}/user`, { as: admin, body: back })).statusCode).toBe(200);
});

test('nobody makes, changes or removes a role beyond what they hold', async () => {
  const manager = await somebodyWith(t, ['roles:read', 'roles:write', 'users:read']);
  const strong = await addRole(t.owner, ['audit:read', 'users:read']);
  const weak = await addRole(t.owner, ['users:read']);
  const attempts = [
    t.call('POST', ROLES, {
      as: manager,
      body: { name: 'stronger', permissions: ['users:read', 'users:delete'] },
    }),
    t.call('PUT', `${ROLES}/${weak}`, {
      as: manager,
      body: { description: '', permissions: ['users:read', 'users:delete'] },
    }),
    t.call('PUT', `${ROLES}/${strong}`, {
      as: manager,
      body: { description: '', permissions: ['users:read'] },
    }),
    t.call('DELETE', `${ROLES}/${strong}`, { as: manager }),
  ];
  for (const answer of await Promise.all(attempts)) {
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'role.beyond_own']);
  }
  expect(await permissionsOf(weak)).toEqual(['users:read']);
  expect(await permissionsOf(strong)).toEqual(['audit:read', 'users:read']);
  expect(await permissionsOf('stronger')).toEqual([]);
  const within = { description: '', permissions: ['roles:read'] };
  const answer = await t.call('PUT', `${ROLES}/${weak}`, { as: manager, body: within });
  expect(answer.statusCode).toBe(200);
});

test('what the actor holds is read when it happens, whatever the token says', async () => {
  const manager = await somebodyWith(t, ['roles:read', 'roles:write', 'users:read']);
  // Taken away without raising the version: the token still claims it.
  await t.owner.query(
    `DELETE FROM role_permissions WHERE permission_name = 'users:read' AND role_name IN
       (SELECT role_name FROM user_roles WHERE user_id = $1)`,
    [manager.id],
  );
  const body = { name: 'claimed', permissions: ['users:read'] };
  const answer = await t.call('POST', ROLES, { as: manager, body });
  expect([answer.statusCode, answer.json().code]).toEqual([403, 'role.beyond_own']);
});

test('a program makes roles of what its token is for, whatever its owner may do', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const { token } = await addApiToken(t.owner, admin.id, ['roles:write', 'users:read']);
  const create = (name: string, permissions: string[]) =>
    t.call('POST', ROLES, { headers: bearer(token), body: { name, permissions } });
  const beyond = await create('by-program', ['users:read', 'users:delete']);
  expect([beyond.statusCode, beyond.json().code]).toEqual([403, 'role.beyond_own']);
  expect((await create('by-program', ['users:read'])).statusCode).toBe(201);
});

test('a changed role takes effect at once for everybody who has it, on other replicas too', async () => {
  const other = await startTestApp({}, { database: t.database });
  const admin = await t.signIn('admin', ['admin']);
  const name = await addRole(t.owner, ['users:read']);
  const holder = await t.signIn('holder', ['user', name]);
  const stranger = await t.signIn();
  const list = (app: typeof t) => app.call('GET', '/api/v1/admin/users', { as: holder });
  expect((await list(other)).statusCode).toBe(200);
  const body = { description: '', permissions: ['stats:read'] };
  const changed = await t.call('PUT', `${ROLES}/${name}`, { as: admin, body });
  expect(changed.statusCode).toBe(200);
  const startedAt = performance.now();
  await until(async () => (await list(other)).json().code === 'token.stale', 1000);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  await until(async () => (await list(t)).json().code === 'token.stale', 1000);
  expect((await t.call('GET', '/api/v1/tasks', { as: stranger })).statusCode).toBe(200);
  await other.close();
});

test('removing a role takes it from everybody, and each of them can see that', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const name = await addRole(t.owner, ['users:read']);
  const holders = [await t.signIn('a', ['user', name]), await t.signIn('b', ['user', name])];
  const answer = await t.call('DELETE', `${ROLES}/${name}`, { as: admin });
  expect(answer.json()).toEqual({ withdrawn_from: 2 });
  for (const holder of holders) {
    const list = () => t.call('GET', '/api/v1/admin/users', { as: holder });
    await until(async () => (await list()).json().code === 'token.stale', 1000);
    const { rows } = await t.owner.query(
      'SELECT action, changes FROM audit_events WHERE user_id = $1',
      [holder.id],
    );
    expect(rows).toEqual([{ action: 'role.withdrawn', changes: { role: name } }]);
  }
});

test('whoever has the command line may define any role', async () => {
  const input = { name: 'everything', description: '', permissions: [...PERMISSIONS] };
  expect((await createRole(t.ctx, OPERATOR, input)).permissions).toHaveLength(PERMISSIONS.length);
});

test('changes of one role at once are made one after the other', async () => {
  const admin = await t.signIn('admin', ['admin']);
  const name = await addRole(t.owner, []);
  const choices = [['users:read'], ['tasks:read', 'stats:read'], [], ['jobs:read']];
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      t.call('PUT', `${ROLES}/${name}`, {
        as: admin,
        body: { description: `${i}`, permissions: choices[i % choices.length] },
      }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200]));
  const stored = await permissionsOf(name);
  expect(choices.map((choice) => [...choice].sort())).toContainEqual(stored);
});
