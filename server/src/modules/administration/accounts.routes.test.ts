import { expect, test } from 'vitest';
import { refreshCookie } from '../../../test/harness/accounts.ts';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { addRole } from '../../../test/harness/roles.ts';
import { until } from '../../../test/harness/until.ts';

const t = useTestApp();
const USERS = '/api/v1/admin/users';
const ABSENT = '0198f0a0-0000-7000-8000-000000000009';

const anAdmin = () => t.signIn('admin', ['admin', 'user']);

function patch(as: TestUser, id: string, body: object) {
  return t.call('PATCH', `${USERS}/${id}`, { as, body });
}

async function stored(id: string) {
  const { rows } = await t.owner.query('SELECT * FROM users WHERE id = $1', [id]);
  return rows[0];
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

async function jobs(queue: string, id: string): Promise<Record<string, unknown>[]> {
  const { rows } = await t.owner.query(
    `SELECT data FROM jobs.job WHERE name = $1 AND (data ->> 'user_id' = $2 OR data ->> 'email' = $2)
     ORDER BY created_on`,
    [queue, id],
  );
  return rows.map((row) => row.data);
}

test('GET one › roles, live sessions, numbers of tasks and never their content; the person sees it', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title, deleted_at) VALUES ($1, 1, 'a secret', NULL), ($1, 2, 'a secret', now())`,
    [ada.id],
  );
  const answer = await t.call('GET', `${USERS}/${ada.id}`, { as: admin });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({
    id: ada.id,
    email: ada.email,
    status: 'active',
    roles: ['user'],
    sessions: 1,
    tasks: { pending: 1, in_progress: 0, completed: 0, trashed: 1 },
    providers: [],
    pending_email: null,
    deleted_at: null,
  });
  expect(answer.body).not.toMatch(/secret|hash|auth_version|canonical/);
  expect(await actionsAbout(ada.id)).toEqual(['user.viewed']);
  await t.call('GET', `${USERS}?q=${ada.email}`, { as: admin });
  expect(await actionsAbout(ada.id)).toEqual(['user.viewed']);
  for (const id of [ABSENT, 'x', `${ada.id}x`]) {
    const absent = await t.call('GET', `${USERS}/${id}`, { as: admin });
    expect([absent.statusCode, absent.json().code]).toEqual([404, 'user.not_found']);
  }
});

test('an id in capitals is the same id, and stands in the audit log as always', async () => {
  const admin = await anAdmin();
  const ada = await t.addAccount();
  const url = `${USERS}/${ada.id.toUpperCase()}`;
  expect((await t.call('GET', url, { as: admin })).json().id).toBe(ada.id);
  expect((await t.call('DELETE', url, { as: admin })).statusCode).toBe(204);
  const { rows } = await t.owner.query(
    'SELECT DISTINCT target_id FROM audit_events WHERE user_id = $1',
    [ada.id],
  );
  expect(rows).toEqual([{ target_id: ada.id }]);
});

test('PATCH › a name and nothing else; unknown fields and nonsense are 400, the row unchanged', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  const answer = await patch(admin, ada.id, { name: ' Ada ' });
  expect([answer.statusCode, answer.json().name]).toEqual([200, 'Ada']);
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).statusCode).toBe(200);
  const before = await stored(ada.id);
  for (const [body, pointer] of [
    [{ password: 'chosen by another' }, '/password'],
    [{ password_hash: 'x' }, '/password_hash'],
    [{ email_verified_at: null }, '/email_verified_at'],
    [{ auth_version: 9 }, '/auth_version'],
    [{ deleted_at: null }, '/deleted_at'],
    [{ id: ABSENT }, '/id'],
    [{ status: 'unverified' }, '/status'],
    [{ email: 'a@x.com,b@y.com' }, '/email'],
    [{ name: '' }, '/name'],
    [{ roles: 'admin' }, '/roles'],
    [{ roles: ['user', 'no-such-role'] }, '/roles/1'],
    [{ roles: ['user', 'user'] }, '/roles'],
  ] as const) {
    const refused = await patch(admin, ada.id, body);
    expect([refused.statusCode, refused.json().errors?.[0]?.pointer]).toEqual([400, pointer]);
  }
  const put = await t.call('PUT', `${USERS}/${ada.id}`, { as: admin, body: { name: 'x' } });
  expect(put.statusCode).toBe(400);
  expect(await stored(ada.id)).toEqual(before);
  expect(await actionsAbout(ada.id)).toEqual(['user.updated']);
  await patch(admin, ada.id, { name: 'Ada', status: 'active', roles: ['user'] });
  expect(await stored(ada.id)).toEqual(before);
});

test('PUT › replaces name, address, status and roles', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  const role = await addRole(t.owner, ['users:read']);
  const body = { name: null, email: ada.email, status: 'disabled', roles: [role] };
  const answer = await t.call('PUT', `${USERS}/${ada.id}`, { as: admin, body });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ name: null, status: 'disabled', roles: [role] });
});

test('a disabled account is refused at once, its sessions stay ended when it is enabled again', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).statusCode).toBe(200);
  expect((await patch(admin, ada.id, { status: 'disabled' })).json().status).toBe('disabled');
  const cookie = { headers: { cookie: refreshCookie(t.ctx, ada) } };
  const refreshed = async () => (await t.call('POST', '/api/v1/refresh', cookie)).json().code;
  await untilRefused(ada, 'session.invalid');
  expect(await refreshed()).toBe('session.invalid');
  // Its address was never proven.
  expect((await patch(admin, ada.id, { status: 'active' })).json().status).toBe('unverified');
  expect(await refreshed()).toBe('session.invalid');
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).statusCode).toBe(401);
  await t.owner.query('UPDATE users SET email_verified_at = now() WHERE id = $1', [ada.id]);
  await patch(admin, ada.id, { status: 'disabled' });
  expect((await patch(admin, ada.id, { status: 'active' })).json().status).toBe('active');
  expect(await actionsAbout(ada.id)).toEqual([
    'user.disabled',
    'user.enabled',
    'user.disabled',
    'user.enabled',
  ]);
});

test('a new address is unverified, and both addresses hear of it; a taken one is 409', async () => {
  const [admin, ada, bob] = [await anAdmin(), await t.signIn('ada'), await t.addAccount()];
  await t.owner.query(
    `UPDATE users SET email_verified_at = now(), pending_email = 'p@example.org', pending_email_at = now()
     WHERE id = $1`,
    [ada.id],
  );
  const email = 'Ada.New@example.org';
  const answer = await patch(admin, ada.id, { email });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({
    email,
    status: 'unverified',
    email_verified_at: null,
    pending_email: null,
  });
  await untilRefused(ada, 'token.stale');
  const notices = await jobs('mail.account_notice', ada.id);
  expect(notices.map((it) => it.notice)).toEqual(Array(2).fill('email_changed_by_administrator'));
  expect(notices.map((it) => it.email).sort()).toEqual([email, ada.email]);
  expect(await jobs('mail.verify_email', email.toLowerCase())).toHaveLength(1);
  expect(await actionsAbout(ada.id)).toEqual(['email.changed']);
  const taken = await patch(admin, ada.id, { email: bob.email.toUpperCase() });
  expect([taken.statusCode, taken.json().code]).toEqual([409, 'user.email_taken']);
  const respelled = await patch(admin, ada.id, { email: email.toLowerCase() });
  expect(respelled.json().email).toBe(email.toLowerCase());
  expect(await jobs('mail.account_notice', ada.id)).toHaveLength(2);
});

test('deleting, the list of the deleted, restoring, and the address that was taken meanwhile', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  const path = `${USERS}/${ada.id}`;
  expect((await t.call('DELETE', path, { as: admin })).statusCode).toBe(204);
  expect((await t.call('DELETE', path, { as: admin })).json().code).toBe('user.not_found');
  expect((await patch(admin, ada.id, { name: 'x' })).json().code).toBe('user.not_found');
  await untilRefused(ada, 'session.invalid');
  const deleted = await t.call('GET', `${USERS}/deleted`, { as: admin });
  expect(deleted.json().items.map((it: { id: string }) => it.id)).toContain(ada.id);
  const listed = await t.call('GET', `${USERS}?q=${ada.email}`, { as: admin });
  expect(listed.json()).toMatchObject({ items: [], total: 0 });
  expect((await t.call('GET', path, { as: admin })).json().deleted_at).not.toBeNull();
  const restored = await t.call('POST', `${path}/restore`, { as: admin });
  expect([restored.statusCode, restored.json().deleted_at]).toEqual([200, null]);
  expect((await t.call('POST', `${path}/restore`, { as: admin })).statusCode).toBe(200);
  expect(await actionsAbout(ada.id)).toEqual(['user.deleted', 'user.viewed', 'user.restored']);
  await t.call('DELETE', path, { as: admin });
  await t.owner.query(
    'INSERT INTO users (id, email, email_canonical) VALUES (gen_random_uuid(), $1, $1)',
    [ada.email],
  );
  const conflict = await t.call('POST', `${path}/restore`, { as: admin });
  expect([conflict.statusCode, conflict.json().code]).toEqual([409, 'user.email_taken']);
});

test('a password reset mails the person a link, and shows nobody else one', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  const path = `${USERS}/${ada.id}/password-reset`;
  const answer = await t.call('POST', path, { as: admin });
  expect([answer.statusCode, answer.json()]).toEqual([202, { status: 'accepted' }]);
  expect(await jobs('mail.reset_password', ada.id)).toHaveLength(1);
  expect((await t.call('POST', path, { as: admin, body: { password: 'x' } })).statusCode).toBe(400);
  expect(await actionsAbout(ada.id)).toEqual(['password.reset_requested']);
});

test('a password reset is refused where there is no address to mail it to', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  await t.owner.query('UPDATE users SET email = NULL, email_canonical = NULL WHERE id = $1', [
    ada.id,
  ]);
  const answer = await t.call('POST', `${USERS}/${ada.id}/password-reset`, { as: admin });
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'user.email_missing']);
  expect(await jobs('mail.reset_password', ada.id)).toEqual([]);
  expect(await actionsAbout(ada.id)).toEqual([]);
});

test('ending the sessions of a user ends all of them at once', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  await t.call('GET', '/api/v1/tasks', { as: ada });
  const answer = await t.call('DELETE', `${USERS}/${ada.id}/sessions`, { as: admin });
  expect(answer.statusCode).toBe(204);
  await untilRefused(ada, 'session.invalid');
  expect(await actionsAbout(ada.id)).toEqual(['session.ended']);
});

test('a change holds for the version that was read, and for no other', async () => {
  const [admin, ada] = [await anAdmin(), await t.signIn('ada')];
  const path = `${USERS}/${ada.id}`;
  const { etag = '' } = (await t.call('GET', path, { as: admin })).headers;
  expect(etag).toMatch(/^"\d+"$/);
  const change = (name: string) =>
    t.call('PATCH', path, { as: admin, body: { name }, headers: { 'if-match': String(etag) } });
  const first = await change('Ada');
  expect([first.statusCode, first.headers.etag === etag]).toEqual([200, false]);
  const second = await change('Grace');
  expect([second.statusCode, second.json().code]).toEqual([412, 'user.version_mismatch']);
  expect(second.headers.etag).toBe(first.headers.etag);
  const roles = await t.call('PATCH', path, {
    as: admin,
    body: { roles: ['user', 'admin'] },
    headers: { 'if-match': `W/${first.headers.etag}` },
  });
  expect([roles.statusCode, roles.headers.etag === first.headers.etag]).toEqual([200, false]);
});
