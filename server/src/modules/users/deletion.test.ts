import { expect, test } from 'vitest';
import { refreshCookie, TEST_PASSWORD, type TestUser } from '../../../test/harness/accounts.ts';
import { isTo, outcomeOf, useMailedApp } from '../../../test/harness/mails.ts';
import { until } from '../../../test/harness/until.ts';
import { OPERATOR } from '../../auth/actor.ts';
import { runJob } from '../../jobs.ts';
import { deleteAccount, restoreAccount } from '../administration/accounts.service.ts';

const t = useMailedApp();
const URL = '/api/v1/users/me';

function remove(as: TestUser, body?: object) {
  return t.call('DELETE', URL, { as, ...(body && { body }) });
}

async function hourOld(ada: TestUser): Promise<TestUser> {
  const { id: userId, sessionId } = ada;
  const authenticatedAtSeconds = Math.floor(Date.now() / 1000) - 601;
  const claims = { userId, sessionId, authVersion: 1, authenticatedAtSeconds, permissions: [] };
  return { ...ada, accessToken: await t.ctx.accessTokens.issue(claims) };
}

/** Every table, with the rows that hold one of the texts anywhere. */
async function tracesOf(...texts: string[]): Promise<Record<string, number>> {
  const { rows: tables } = await t.owner.query(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const traces: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await t.owner.query(
      `SELECT count(*)::int FROM ${name} x, unnest($1::text[]) AS text
       WHERE strpos(lower(to_jsonb(x)::text), lower(text)) > 0`,
      [texts],
    );
    if (rows[0].count > 0) traces[name] = rows[0].count;
  }
  return traces;
}

test('DELETE /users/me › the account is gone everywhere at once, and can be restored for 30 days', async () => {
  const ada = await t.signIn('ada');
  const answer = await remove(ada);
  expect(answer.statusCode).toBe(200);
  const days = (Date.parse(answer.json().restorable_until) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29.99);
  expect(days).toBeLessThanOrEqual(30);
  await until(
    async () => (await t.call('GET', URL, { as: ada })).json().code === 'session.invalid',
    1000,
  );
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(401);
  const login = { email: ada.email, password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/login', { body: login })).statusCode).toBe(401);
  const mails = (await t.deliver()).filter(isTo(ada.email));
  expect(mails.map((it) => it.mail.subject)).toEqual(['Your account was deleted']);
  const { rows } = await t.owner.query(
    "SELECT actor_id, target_id FROM audit_events WHERE action = 'user.deleted' AND user_id = $1",
    [ada.id],
  );
  expect(rows).toEqual([{ actor_id: ada.id, target_id: ada.id }]);
});

test('DELETE /users/me › a sign-in of more than ten minutes ago needs the right password', async () => {
  const ada = await hourOld(await t.signIn());
  expect(outcomeOf(await remove(ada))).toBe('401 fresh_sign_in.required');
  expect(outcomeOf(await remove(ada, {}))).toBe('401 fresh_sign_in.required');
  expect(outcomeOf(await remove(ada, { password: 'wrong password' }))).toBe(
    '401 fresh_sign_in.required',
  );
  const { rows } = await t.owner.query('SELECT deleted_at FROM users WHERE id = $1', [ada.id]);
  expect(rows).toEqual([{ deleted_at: null }]);
  expect((await remove(ada, { password: TEST_PASSWORD })).statusCode).toBe(200);
});

test('DELETE /users/me › a wrong password is refused after a fresh sign-in too, and says what is asked for', async () => {
  const ada = await t.signIn();
  const refused = await remove(ada, { password: 'wrong password' });
  expect(outcomeOf(refused)).toBe('401 fresh_sign_in.required');
  expect(refused.headers['www-authenticate']).toBe(
    'Bearer realm="docket", error="insufficient_user_authentication", max_age=600',
  );
  expect((await remove(ada)).statusCode).toBe(200);
});

test('DELETE /users/me › the last active administrator stays, also when two go at once', async () => {
  const admins = [await t.signIn('a', ['admin']), await t.signIn('b', ['admin'])];
  const answers = await Promise.all(admins.map((admin) => remove(admin)));
  const outcomes = answers.map(outcomeOf).sort();
  expect(outcomes).toEqual(['200', '409 user.last_administrator']);
});

test('a deleted account comes back with its tasks, and its sessions stay ended', async () => {
  const ada = await t.signIn();
  await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'kept' } });
  await remove(ada);
  const restored = await restoreAccount(t.ctx, OPERATOR, ada.id);
  expect(restored).toMatchObject({ id: ada.id, status: 'active' });
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(401);
  const body = { email: ada.email, password: TEST_PASSWORD };
  const { access_token: accessToken } = (await t.call('POST', '/api/v1/login', { body })).json();
  const { items } = (await t.call('GET', '/api/v1/tasks', { as: { ...ada, accessToken } })).json();
  expect(items.map((task: { title: string }) => task.title)).toEqual(['kept']);
});

test('an account is purged 30 days after its deletion, and no table knows the person but the chain of the audit log', async () => {
  const registered = await t.call('POST', '/api/v1/register', {
    body: { email: 'Gone.Forever@example.org', password: TEST_PASSWORD, name: 'Gone Forever' },
  });
  const { id } = registered.json().user;
  await t.tokenFor('Gone.Forever@example.org', 'verify');
  const body = { email: 'gone.forever@example.org', password: TEST_PASSWORD };
  const { access_token: accessToken } = (await t.call('POST', '/api/v1/login', { body })).json();
  const ada = { id, email: body.email, sessionId: '', accessToken };
  const headers = { 'idempotency-key': 'k' };
  await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' }, headers });
  await t.call('PATCH', URL, { as: ada, body: { email: 'gone.new@example.org' } });
  await t.call('POST', '/api/v1/password/forgot', { body: { email: body.email } });
  await remove(ada);
  expect(await runJob(t.ctx, 'users.purge')).toBe(0);
  await t.owner.query(
    "UPDATE users SET deleted_at = now() - interval '29 days 23 hours' WHERE id = $1",
    [id],
  );
  expect(await runJob(t.ctx, 'users.purge')).toBe(0);
  expect(Object.keys(await tracesOf(id, body.email))).toEqual(
    expect.arrayContaining(['public.users', 'public.tasks', 'public.audit_personal', 'jobs.job']),
  );
  await t.owner.query(
    "UPDATE users SET deleted_at = now() - interval '30 days 1 minute' WHERE id = $1",
    [id],
  );
  expect(await runJob(t.ctx, 'users.purge')).toBe(1);
  expect(await tracesOf(body.email, 'gone.new@example.org', 'Gone Forever')).toEqual({});
  expect(Object.keys(await tracesOf(id))).toEqual(['public.audit_events']);
  const { rows } = await t.owner.query(
    'SELECT action FROM audit_events WHERE target_id = $1 ORDER BY position DESC LIMIT 1',
    [id],
  );
  expect(rows).toEqual([{ action: 'user.purged' }]);
});

test('two processes purge together: each account by one of them', async () => {
  const ids = [];
  for (let i = 0; i < 6; i++) {
    const { id } = await t.addAccount();
    await deleteAccount(t.ctx, OPERATOR, id);
    ids.push(id);
  }
  await t.owner.query(
    "UPDATE users SET deleted_at = now() - interval '31 days' WHERE id = ANY ($1)",
    [ids],
  );
  const counts = await Promise.all([runJob(t.ctx, 'users.purge'), runJob(t.ctx, 'users.purge')]);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(6);
  const { rows } = await t.owner.query(
    "SELECT count(*)::int FROM audit_events WHERE action = 'user.purged' AND target_id = ANY ($1)",
    [ids],
  );
  expect(rows).toEqual([{ count: 6 }]);
});
