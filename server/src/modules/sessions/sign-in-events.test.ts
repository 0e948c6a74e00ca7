import { expect, test } from 'vitest';
import {
  cookieSetBy,
  refreshCookie,
  TEST_PASSWORD,
  TEST_PASSWORD_HASH,
} from '../../../test/harness/accounts.ts';
import { isTo, outcomeOf, startMailedApp, useMailedApp } from '../../../test/harness/mails.ts';
import { until } from '../../../test/harness/until.ts';

const t = useMailedApp();

async function eventsOf(userId: string, app = t) {
  const { rows } = await app.owner.query(
    `SELECT action, actor_kind, changes FROM audit_events WHERE user_id = $1 ORDER BY position`,
    [userId],
  );
  return rows.map((row) => [row.action, row.actor_kind, Object.values(row.changes)[0]]);
}

function login(email: string, password = TEST_PASSWORD, app = t) {
  return app.call('POST', '/api/v1/login', { body: { email, password } });
}

test('a sign-in and a sign-out are written to the audit log by the person, once', async () => {
  const { id, email } = await t.addAccount({ passwordHash: TEST_PASSWORD_HASH });
  const cookie = cookieSetBy(await login(email));
  for (let i = 0; i < 2; i++) await t.call('POST', '/api/v1/logout', { headers: { cookie } });
  expect(await eventsOf(id)).toEqual([
    ['session.started', 'user', 'password'],
    ['session.ended', 'user', 'logout'],
  ]);
});

test('refused sign-ins are written down for accounts that exist, with the reason that nobody is told', async () => {
  const wrong = await t.addAccount();
  const none = await t.addAccount({ passwordHash: null });
  const disabled = await t.addAccount({ status: 'disabled' });
  const deleted = await t.addAccount({ isDeleted: true });
  const answers = [
    await login(wrong.email, 'wrong password'),
    await login(none.email),
    await login(disabled.email),
    await login(deleted.email),
    await login('nobody@example.org'),
  ];
  expect(new Set(answers.map(outcomeOf))).toEqual(new Set(['401 credentials.invalid']));
  for (const [{ id }, reason] of [
    [wrong, 'wrong_password'],
    [none, 'no_password'],
    [disabled, 'disabled'],
  ] as const) {
    await until(async () => (await eventsOf(id)).length > 0);
    expect(await eventsOf(id)).toEqual([['session.refused', 'anonymous', reason]]);
  }
  expect(await eventsOf(deleted.id)).toEqual([]);
  const { rows } = await t.owner.query(
    "SELECT 1 FROM audit_events WHERE action = 'session.refused'",
  );
  expect(rows).toHaveLength(3);
});

test('a reused refresh token ends the session, is written down, and its person hears of it by mail', async () => {
  const ada = await t.signIn();
  const headers = { cookie: refreshCookie(t.ctx, ada) };
  await t.call('POST', '/api/v1/refresh', { headers });
  await t.owner.query(
    "UPDATE sessions SET rotated_at = now() - interval '11 seconds' WHERE user_id = $1",
    [ada.id],
  );
  for (let i = 0; i < 2; i++) {
    expect((await t.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(401);
  }
  expect(await eventsOf(ada.id)).toEqual([['session.reuse_detected', 'anonymous', undefined]]);
  const mails = (await t.deliver()).filter(isTo(ada.email));
  expect(mails.map((it) => it.mail.subject)).toEqual(['A session was ended for safety']);
});

test('REQUIRE_VERIFIED_EMAIL › 403 after the right password alone; the link lets its owner in', async () => {
  const strict = await startMailedApp({ REQUIRE_VERIFIED_EMAIL: 'on' });
  const { id, email } = await strict.addAccount({ status: 'unverified' });
  expect(outcomeOf(await login(email, 'wrong password', strict))).toBe('401 credentials.invalid');
  expect(outcomeOf(await login(email, TEST_PASSWORD, strict))).toBe('403 user.unverified');
  const { rows } = await strict.owner.query('SELECT last_login_at FROM users WHERE id = $1', [id]);
  expect(rows).toEqual([{ last_login_at: null }]);
  await strict.call('POST', '/api/v1/verify/resend', { body: { email } });
  const token = await strict.tokenFor(email, 'verify');
  await strict.call('GET', `/api/v1/verify/${token}`);
  expect((await login(email, TEST_PASSWORD, strict)).statusCode).toBe(200);
  const metrics = (await strict.call('GET', '/metrics')).body;
  expect(metrics).toMatch(/docket_sign_ins_total\{outcome="unverified"\} 1/);
  expect((await eventsOf(id, strict)).map((event) => event[2]).filter(Boolean)).toEqual(
    expect.arrayContaining(['unverified', 'password']),
  );
  await strict.close();
});

test('a password changed while somebody signs in with the old one leaves no session behind', async () => {
  const { id, email } = await t.addAccount({ passwordHash: TEST_PASSWORD_HASH });
  const blocker = 'SELECT 1 FROM users WHERE id = $1 FOR UPDATE';
  await t.owner.query('BEGIN');
  await t.owner.query(blocker, [id]);
  const pending = login(email);
  await until(async () => {
    const { rows } = await t.owner.query('SELECT 1 FROM pg_locks WHERE NOT granted');
    return rows.length > 0;
  });
  await t.owner.query("UPDATE users SET password_hash = '$2b$04$none' WHERE id = $1", [id]);
  await t.owner.query('COMMIT');
  expect((await pending).statusCode).toBe(401);
  const { rowCount } = await t.owner.query('SELECT 1 FROM sessions WHERE user_id = $1', [id]);
  expect(rowCount).toBe(0);
});
