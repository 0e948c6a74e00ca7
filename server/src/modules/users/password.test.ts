import { expect, test } from 'vitest';
import {
  addSession,
  refreshCookie,
  TEST_PASSWORD,
  type TestUser,
} from '../../../test/harness/accounts.ts';
import { isTo, outcomeOf, startMailedApp, useMailedApp } from '../../../test/harness/mails.ts';
import { until } from '../../../test/harness/until.ts';

const t = useMailedApp();
const NEW_PASSWORD = 'another fine password';

function login(email: string, password: string) {
  return t.call('POST', '/api/v1/login', { body: { email, password } });
}

function forgot(email: string) {
  return t.call('POST', '/api/v1/password/forgot', { body: { email } });
}

function reset(token: string, password = NEW_PASSWORD) {
  return t.call('POST', '/api/v1/password/reset', { body: { token, password } });
}

async function resetTokenFor(email: string): Promise<string> {
  await forgot(email);
  return t.tokenFor(email, 'reset-password');
}

/** The refusal that a person's access token meets; undefined: none. */
async function codeFor(as: TestUser): Promise<string | undefined> {
  return (await t.call('GET', '/api/v1/users/me', { as })).json().code;
}

async function actionsOn(userId: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    'SELECT action FROM audit_events WHERE user_id = $1 ORDER BY position',
    [userId],
  );
  return rows.map((row) => row.action);
}

test('POST /password/forgot › one answer and one job for every address; a mail for those who may sign in', async () => {
  const accounts = [
    await t.addAccount(),
    await t.addAccount({ status: 'unverified' }),
    await t.addAccount({ passwordHash: null }),
    await t.addAccount({ status: 'disabled' }),
    await t.addAccount({ isDeleted: true }),
  ];
  const answers = [];
  for (const { email } of [...accounts, { email: 'nobody@example.org' }]) {
    const answer = await t.call('POST', '/api/v1/password/forgot', {
      body: { email: email.toUpperCase() },
      headers: { 'x-request-id': '0198f0a0-0000-7000-8000-000000000001' },
    });
    answers.push(`${answer.statusCode} ${answer.body}`);
  }
  expect(new Set(answers)).toEqual(new Set(['202 {"status":"accepted"}']));
  const { rows } = await t.owner.query('SELECT 1 FROM jobs.job WHERE name = $1', [
    'mail.reset_password',
  ]);
  expect(rows).toHaveLength(6);
  const recipients = (await t.deliver()).flatMap((mail) => mail.recipients);
  expect(recipients.sort()).toEqual(
    accounts
      .slice(0, 3)
      .map((account) => account.email)
      .sort(),
  );
});

test('POST /password/reset › sets the password, ends every session, and signs nobody in', async () => {
  const ada = await t.signIn('ada');
  const elsewhere = await addSession(t.ctx, t.owner, ada);
  const token = await resetTokenFor(ada.email);
  const answer = await reset(token);
  expect([answer.statusCode, answer.headers['set-cookie'], answer.body]).toEqual([
    204,
    undefined,
    '',
  ]);
  expect((await login(ada.email, TEST_PASSWORD)).statusCode).toBe(401);
  expect((await login(ada.email, NEW_PASSWORD)).statusCode).toBe(200);
  for (const session of [ada, elsewhere]) {
    await until(async () => (await codeFor(session)) === 'session.invalid', 1000);
    const headers = { cookie: refreshCookie(t.ctx, session) };
    expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(401);
  }
  const { rows } = await t.owner.query('SELECT auth_version FROM users WHERE id = $1', [ada.id]);
  expect(rows).toEqual([{ auth_version: 2 }]);
  expect(await actionsOn(ada.id)).toEqual([
    'password.reset_requested',
    'password.reset',
    'session.refused',
    'session.started',
  ]);
  const [notice] = await t.deliver();
  expect(notice?.mail.subject).toBe('Your password was reset');
});

test('POST /password/reset › proves the mailbox: the address is verified, a change of it that was under way is void', async () => {
  const { id, email } = await t.addAccount({ status: 'unverified' });
  await t.owner.query(
    "UPDATE users SET pending_email = 'evil@example.org', pending_email_at = now() WHERE id = $1",
    [id],
  );
  await t.ctx.jobs.enqueue(t.ctx.db, 'mail.confirm_email', { user_id: id });
  await t.ctx.jobs.enqueue(t.ctx.db, 'mail.verify_email', { email });
  const confirm = await t.tokenFor('evil@example.org', 'confirm-email');
  await reset(await resetTokenFor(email));
  const { rows } = await t.owner.query(
    'SELECT status, email_verified_at IS NOT NULL AS is_verified, pending_email FROM users WHERE id = $1',
    [id],
  );
  expect(rows).toEqual([{ status: 'active', is_verified: true, pending_email: null }]);
  const answer = await t.call('POST', '/api/v1/users/me/email/confirm', {
    body: { token: confirm },
  });
  expect(outcomeOf(answer)).toBe('410 token.expired_or_unknown');
  const live = await t.owner.query(
    'SELECT 1 FROM mailed_tokens WHERE user_id = $1 AND used_at IS NULL AND expires_at > now()',
    [id],
  );
  expect(live.rowCount).toBe(0);
});

test('a reset link is good for 30 minutes, once, and only while nothing else of the account has changed', async () => {
  const ada = await t.signIn();
  const first = await resetTokenFor(ada.email);
  const { rows } = await t.owner.query(
    `SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM mailed_tokens
     WHERE user_id = $1`,
    [ada.id],
  );
  expect(rows).toEqual([{ seconds: 1800 }]);
  const second = await resetTokenFor(ada.email);
  expect(outcomeOf(await reset(first))).toMatch(/^410/);
  await t.owner.query(
    "UPDATE mailed_tokens SET expires_at = now() - interval '1 ms' WHERE user_id = $1",
    [ada.id],
  );
  expect(outcomeOf(await reset(second))).toMatch(/^410/);
  const third = await resetTokenFor(ada.email);
  await t.owner.query('UPDATE users SET auth_version = auth_version + 1 WHERE id = $1', [ada.id]);
  expect(outcomeOf(await reset(third))).toMatch(/^410/);
  const fourth = await resetTokenFor(ada.email);
  expect(outcomeOf(await reset(fourth))).toBe('204');
  expect(outcomeOf(await reset(fourth, 'a third fine password'))).toMatch(/^410/);
  expect((await login(ada.email, NEW_PASSWORD)).statusCode).toBe(200);
});

test.each(['short', 'password1', 'x'.repeat(73)])(
  'POST /password/reset › 400 for the password %s, and the link stays good',
  async (password) => {
    const { email } = await t.addAccount();
    const token = await resetTokenFor(email);
    const answer = await reset(token, password);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors[0].pointer).toBe('/password');
    expect((await reset(token)).statusCode).toBe(204);
  },
);

test('PUT /users/me/password › who has no password yet is told how to get one', async () => {
  const ada = await t.signIn();
  await t.owner.query('UPDATE users SET password_hash = NULL WHERE id = $1', [ada.id]);
  const answer = await t.call('PUT', '/api/v1/users/me/password', {
    as: ada,
    body: { current_password: TEST_PASSWORD, new_password: NEW_PASSWORD },
  });
  expect(answer.statusCode).toBe(401);
  expect(answer.json()).toMatchObject({
    code: 'credentials.invalid',
    detail: expect.stringContaining('"Forgot password" sets one'),
    errors: [{ pointer: '/current_password' }],
  });
  expect((await reset(await resetTokenFor(ada.email))).statusCode).toBe(204);
  expect((await login(ada.email, NEW_PASSWORD)).statusCode).toBe(200);
});

test('PUT /users/me/password › other sessions end, this one goes on after a refresh, and mail tells of it', async () => {
  const ada = await t.signIn();
  const elsewhere = await addSession(t.ctx, t.owner, ada);
  const answer = await t.call('PUT', '/api/v1/users/me/password', {
    as: ada,
    body: { current_password: TEST_PASSWORD, new_password: NEW_PASSWORD },
    headers: {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    },
  });
  expect(answer.statusCode).toBe(204);
  await until(async () => (await codeFor(ada)) === 'token.stale', 1000);
  await until(async () => (await codeFor(elsewhere)) === 'session.invalid', 1000);
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  const refreshed = await t.call('POST', '/api/v1/refresh', { headers });
  expect(refreshed.statusCode).toBe(200);
  expect((await login(ada.email, TEST_PASSWORD)).statusCode).toBe(401);
  expect((await login(ada.email, NEW_PASSWORD)).statusCode).toBe(200);
  expect(await actionsOn(ada.id)).toContain('password.changed');
  const mails = (await t.deliver()).filter(isTo(ada.email));
  expect(mails.map((it) => it.mail.subject)).toEqual(['Your password was changed']);
  expect(mails[0]?.mail.text).toMatch(/from the address 127\.0\.0\.1 with Firefox on Linux/);
});

test('PUT /users/me/password › 401 for a wrong present password, and nothing changes', async () => {
  const ada = await t.signIn();
  const other = await addSession(t.ctx, t.owner, ada);
  const body = { current_password: 'not my password', new_password: NEW_PASSWORD };
  const answer = await t.call('PUT', '/api/v1/users/me/password', { as: ada, body });
  expect(outcomeOf(answer)).toBe('401 credentials.invalid');
  expect((await t.call('GET', '/api/v1/users/me', { as: other })).statusCode).toBe(200);
  expect((await login(ada.email, TEST_PASSWORD)).statusCode).toBe(200);
});

test('PUT /users/me/password › guesses are counted as attempts to sign in to the account', async () => {
  const limited = await startMailedApp({ RATE_LIMIT_AUTH: '3/1m' });
  const ada = await limited.signIn();
  const outcomes = [];
  for (let i = 0; i < 5; i++) {
    const body = { current_password: `guess ${i}`, new_password: NEW_PASSWORD };
    const answer = await limited.call('PUT', '/api/v1/users/me/password', { as: ada, body });
    outcomes.push(answer.statusCode);
  }
  expect(outcomes).toEqual([401, 401, 401, 429, 429]);
  const right = { email: ada.email, password: TEST_PASSWORD };
  expect((await limited.call('POST', '/api/v1/login', { body: right })).statusCode).toBe(429);
  await limited.close();
});

test('PUT /users/me/password › two changes at once: one of them wins', async () => {
  const ada = await t.signIn();
  const passwords = ['one of two passwords', 'two of two passwords'];
  const answers = await Promise.all(
    passwords.map((password) =>
      t.call('PUT', '/api/v1/users/me/password', {
        as: ada,
        body: { current_password: TEST_PASSWORD, new_password: password },
      }),
    ),
  );
  expect(answers.map((it) => it.statusCode).sort()).toEqual([204, 401]);
});
