import { expect, test } from 'vitest';
import { refreshCookie, TEST_PASSWORD, type TestUser } from '../../../test/harness/accounts.ts';
import { isTo, outcomeOf, startMailedApp, useMailedApp } from '../../../test/harness/mails.ts';
import { until } from '../../../test/harness/until.ts';

const t = useMailedApp();
const URL = '/api/v1/users/me';

/** The same person, who signed in an hour ago. */
async function grown(ada: TestUser, app = t): Promise<TestUser> {
  const { id: userId, sessionId } = ada;
  const accessToken = await app.ctx.accessTokens.issue({
    userId,
    sessionId,
    authVersion: 1,
    authenticatedAtSeconds: Math.floor(Date.now() / 1000) - 3600,
    permissions: ['account:read', 'tasks:read', 'tasks:write'],
  });
  return { ...ada, accessToken };
}

function patch(as: TestUser, body: object) {
  return t.call('PATCH', URL, { as, body });
}

function confirm(token: string) {
  return t.call('POST', `${URL}/email/confirm`, { body: { token } });
}

async function changeEmail(as: TestUser, email: string): Promise<string> {
  expect((await patch(as, { email })).statusCode).toBe(200);
  return t.tokenFor(email, 'confirm-email');
}

test('GET /users/me › the account with roles, permissions, preferences and no pending address', async () => {
  const ada = await t.signIn('ada', ['user', 'admin']);
  const { roles, permissions, preferences, pending_email } = (
    await t.call('GET', URL, { as: ada })
  ).json();
  expect(roles).toEqual(['admin', 'user']);
  expect(permissions).toContain('users:delete');
  expect(preferences).toEqual({ theme: 'system', time_zone: null, email_notices: true });
  expect(pending_email).toBeNull();
});

test('GET /users/me › whether there is a password, of whose hash nothing is said', async () => {
  const [ada, grace] = [await t.signIn(), await t.signIn()];
  await t.owner.query('UPDATE users SET password_hash = NULL WHERE id = $1', [grace.id]);
  const answers = await Promise.all(
    [ada, grace].map((as) => t.call('GET', '/api/v1/users/me', { as })),
  );
  expect(answers.map((answer) => answer.json().has_password)).toEqual([true, false]);
  for (const { body } of answers) expect(body).not.toMatch(/hash|\$2b/);
});

test('/users/me › carries a version: 304 while it stands, 412 for a change of an older one', async () => {
  const ada = await t.signIn();
  const read = await t.call('GET', URL, { as: ada });
  const etag = String(read.headers.etag);
  const again = await t.call('GET', URL, { as: ada, headers: { 'if-none-match': etag } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  const change = (name: string) =>
    t.call('PATCH', URL, { as: ada, body: { name }, headers: { 'if-match': etag } });
  const changed = await change('Ada');
  expect([changed.statusCode, changed.headers.etag === etag]).toEqual([200, false]);
  const stale = await change('Grace');
  expect([stale.statusCode, stale.json().code]).toEqual([412, 'user.version_mismatch']);
  expect(stale.headers.etag).toBe(changed.headers.etag);
  const same = await patch(ada, { name: 'Ada' });
  expect(same.headers.etag).toBe(changed.headers.etag);
  const body = { email: ada.email, password: TEST_PASSWORD };
  await t.call('POST', '/api/v1/login', { body });
  const after = await t.call('GET', URL, { as: ada });
  expect([after.headers.etag, after.json().name]).toEqual([changed.headers.etag, 'Ada']);
});

test('PATCH /users/me › changes what is given and leaves the rest; PUT takes all of it', async () => {
  const ada = await t.signIn();
  const changed = await patch(ada, { name: ' Ada ', preferences: { theme: 'dark' } });
  expect(changed.statusCode).toBe(200);
  expect(changed.json()).toMatchObject({
    name: 'Ada',
    email: ada.email,
    preferences: { theme: 'dark', time_zone: null, email_notices: true },
  });
  const whole = {
    name: null,
    email: ada.email,
    preferences: { theme: 'light', time_zone: 'Asia/Kolkata', email_notices: false },
  };
  const replaced = await t.call('PUT', URL, { as: ada, body: whole });
  expect(replaced.json()).toMatchObject({ ...whole, pending_email: null });
  expect((await t.call('PUT', URL, { as: ada, body: { name: 'x' } })).statusCode).toBe(400);
  const { rows } = await t.owner.query(
    "SELECT changes FROM audit_events WHERE user_id = $1 AND action = 'user.updated' ORDER BY position",
    [ada.id],
  );
  expect(rows.map((row) => row.changes.fields)).toEqual([
    ['name', 'theme'],
    ['name', 'theme', 'time_zone', 'email_notices'],
  ]);
});

test('PATCH /users/me › what changes nothing changes no time and writes no event', async () => {
  const ada = await t.signIn();
  const before = (await t.call('GET', URL, { as: ada })).json();
  expect((await patch(ada, { email: ada.email.toUpperCase(), preferences: {} })).json()).toEqual(
    before,
  );
  const { rowCount } = await t.owner.query('SELECT 1 FROM audit_events WHERE user_id = $1', [
    ada.id,
  ]);
  expect(rowCount).toBe(0);
});

test.each([
  [{ preferences: { time_zone: 'Europe/Nowhere' } }, '/preferences/time_zone'],
  [{ preferences: { time_zone: '+01:00' } }, '/preferences/time_zone'],
  [{ preferences: { theme: 'pink' } }, '/preferences/theme'],
  [{ preferences: { language: 'en' } }, '/preferences/language'],
  [{ name: ' ' }, '/name'],
  [{ email: 'a@b@c' }, '/email'],
  [{ email: null }, '/email'],
])('PATCH /users/me › 400 for %j, at the field', async (body, pointer) => {
  const ada = await t.signIn();
  const answer = await patch(ada, body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors[0].pointer).toBe(pointer);
});

test('a new address › the old one stays until the link mailed to the new one is used; both hear of it', async () => {
  const ada = await t.signIn();
  const answer = await patch(ada, { email: 'New@example.org' });
  expect(answer.json()).toMatchObject({ email: ada.email, pending_email: 'New@example.org' });
  const mails = await t.deliver();
  expect(mails.filter(isTo(ada.email)).map((it) => it.mail.subject)).toEqual([
    'Another e-mail address was asked for',
  ]);
  const { rows: events } = await t.owner.query(
    'SELECT action FROM audit_events WHERE user_id = $1 ORDER BY position',
    [ada.id],
  );
  expect(events.map(({ action }) => action)).toEqual(['user.updated', 'email.change_requested']);
  const token = await t.tokenFor('New@example.org', 'confirm-email');
  expect((await confirm(token)).statusCode).toBe(204);
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  await until(
    async () => (await t.call('GET', URL, { as: ada })).json().code === 'token.stale',
    1000,
  );
  const { user } = (await t.call('POST', '/api/v1/refresh', { headers })).json();
  expect(user).toMatchObject({ email: 'New@example.org', status: 'active' });
  expect(user.email_verified_at).not.toBeNull();
  const told = (await t.deliver()).map((it) => [it.recipients[0], it.mail.subject]);
  expect(told).toEqual([[ada.email, 'Your e-mail address was changed']]);
  const login = (email: string) =>
    t.call('POST', '/api/v1/login', { body: { email, password: TEST_PASSWORD } });
  expect((await login('new@example.org')).statusCode).toBe(200);
  expect((await login(ada.email)).statusCode).toBe(401);
  expect(outcomeOf(await confirm(token))).toBe('410 token.expired_or_unknown');
});

test('a new address › needs a fresh sign-in or the password', async () => {
  const ada = await grown(await t.signIn());
  const email = 'unattended@example.org';
  for (const password of [undefined, 'wrong password']) {
    const answer = await patch(ada, { email, ...(password && { password }) });
    expect(outcomeOf(answer)).toBe('401 fresh_sign_in.required');
  }
  expect((await patch(ada, { name: 'Ada' })).statusCode).toBe(200);
  expect((await patch(ada, { email, password: TEST_PASSWORD })).json().pending_email).toBe(email);
});

test('a new address › the present one takes the change back, and its link is void', async () => {
  const ada = await t.signIn();
  const token = await changeEmail(ada, 'regretted@example.org');
  expect((await patch(ada, { email: ada.email })).json().pending_email).toBeNull();
  expect(outcomeOf(await confirm(token))).toMatch(/^410/);
});

test('a new address › another one after it voids the link for the first', async () => {
  const ada = await t.signIn();
  const first = await changeEmail(ada, 'first@example.org');
  const second = await changeEmail(ada, 'second@example.org');
  expect(outcomeOf(await confirm(first))).toMatch(/^410/);
  expect((await confirm(second)).statusCode).toBe(204);
});

test('a new address › 409 where it is taken, also when that happens after the link was mailed', async () => {
  const [ada, bob] = [await t.signIn(), await t.addAccount()];
  expect(outcomeOf(await patch(ada, { email: bob.email.toUpperCase() }))).toBe(
    '409 user.email_taken',
  );
  const token = await changeEmail(ada, 'contested@example.org');
  const body = { email: 'contested@example.org', password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/register', { body })).statusCode).toBe(201);
  expect(outcomeOf(await confirm(token))).toBe('409 user.email_taken');
  expect((await t.call('GET', URL, { as: ada })).json().email).toBe(ada.email);
});

test('a new address › with REGISTRATION=uniform nobody learns here which addresses are known', async () => {
  const uniform = await startMailedApp({ REGISTRATION: 'uniform' });
  const [ada, bob] = [await uniform.signIn(), await uniform.addAccount()];
  const ask = (email: string) => uniform.call('PATCH', URL, { as: ada, body: { email } });
  const statuses = [(await ask(bob.email)).statusCode, (await ask('free@example.org')).statusCode];
  expect(statuses).toEqual([200, 200]);
  await uniform.close();
});

test('a new address › link good for an hour; a mailbox that has had enough mail is 429', async () => {
  const limited = await startMailedApp({ RATE_LIMIT_MAIL: '1/1h' });
  const ada = await limited.signIn();
  const ask = () => limited.call('PATCH', URL, { as: ada, body: { email: 'hour@example.org' } });
  expect((await ask()).statusCode).toBe(200);
  await limited.tokenFor('hour@example.org', 'confirm-email');
  const { rows } = await limited.owner.query(
    'SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM mailed_tokens',
  );
  expect(rows).toEqual([{ seconds: 3600 }]);
  expect(outcomeOf(await ask())).toBe('429 rate.limited');
  await limited.close();
});
