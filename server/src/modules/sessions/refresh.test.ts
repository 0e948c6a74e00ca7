import { expect, test } from 'vitest';
import { cookieSetBy, refreshCookie } from '../../../test/harness/accounts.ts';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

function refresh(cookie: string | null, headers = {}) {
  return t.call('POST', '/api/v1/refresh', { headers: { ...(cookie && { cookie }), ...headers } });
}

function of(user: TestUser, counter = 0): string {
  return refreshCookie(t.ctx, user, counter);
}

async function session({ sessionId }: TestUser) {
  const { rows } = await t.owner.query('SELECT * FROM sessions WHERE id = $1', [sessionId]);
  return rows[0];
}

async function change(user: TestUser, assignment: string) {
  await t.owner.query(`UPDATE sessions SET ${assignment} WHERE id = $1`, [user.sessionId]);
}

test('POST /refresh › 200 as a sign-in: new access token, user, rotated cookie', async () => {
  const ada = await t.signIn();
  const answer = await refresh(of(ada));
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({
    token_type: 'Bearer',
    expires_in: 900,
    user: { id: ada.id },
  });
  expect(cookieSetBy(answer)).toBe(of(ada, 1));
  expect((await refresh(cookieSetBy(answer))).statusCode).toBe(200);
  const headers = { authorization: `Bearer ${answer.json().access_token}` };
  expect((await t.call('GET', '/api/v1/users/me', { headers })).statusCode).toBe(200);
});

test('20 refreshes at once with one token › one rotation, and everybody gets the same successor', async () => {
  const ada = await t.signIn();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(of(ada))));
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200]));
  expect(new Set(answers.map(cookieSetBy))).toEqual(new Set([of(ada, 1)]));
  expect(await session(ada)).toMatchObject({ refresh_counter: 1, ended_at: null });
});

test('the token before the current one gives the current one for ten seconds, then it ends the session', async () => {
  const ada = await t.signIn();
  await refresh(of(ada));
  await change(ada, "rotated_at = now() - interval '9 seconds'");
  expect(cookieSetBy(await refresh(of(ada)))).toBe(of(ada, 1));
  await change(ada, "rotated_at = now() - interval '11 seconds'");
  expect((await refresh(of(ada))).json().code).toBe('session.invalid');
  expect(await session(ada)).toMatchObject({ end_reason: 'reuse' });
  expect((await refresh(of(ada, 1))).statusCode).toBe(401);
});

test('a token two steps old ends the session at once, with the access tokens issued in it', async () => {
  const ada = await t.signIn();
  await refresh(of(ada));
  await refresh(of(ada, 1));
  expect((await refresh(of(ada))).statusCode).toBe(401);
  expect(await session(ada)).toMatchObject({ end_reason: 'reuse' });
  expect((await refresh(of(ada, 2))).statusCode).toBe(401);
});

test('the tolerance for the token before is over when the session is', async () => {
  const ada = await t.signIn();
  await refresh(of(ada));
  expect((await refresh(of(ada))).statusCode).toBe(200);
  await t.call('POST', '/api/v1/logout', { headers: { cookie: of(ada, 1) } });
  expect((await refresh(of(ada))).statusCode).toBe(401);
});

test('a token that is ahead of the session refreshes nothing and ends nothing', async () => {
  const ada = await t.signIn();
  expect((await refresh(of(ada, 3))).statusCode).toBe(401);
  expect((await refresh(of(ada))).statusCode).toBe(200);
});

test.each([
  ['no use for too long', 'idle_expires_at = now()'],
  ['its absolute life', 'absolute_expires_at = now()'],
  ['having ended', "ended_at = now(), end_reason = 'logout'"],
])('a session is over after %s', async (_name, assignment) => {
  const ada = await t.signIn();
  await change(ada, assignment);
  const answer = await refresh(of(ada));
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'session.invalid']);
  expect(answer.headers['www-authenticate']).toContain('Bearer');
});

test.each([
  ['disabled', "status = 'disabled'"],
  ['deleted', 'deleted_at = now()'],
])('a %s user refreshes nothing', async (_name, assignment) => {
  const ada = await t.signIn();
  await t.owner.query(`UPDATE users SET ${assignment} WHERE id = $1`, [ada.id]);
  expect((await refresh(of(ada))).statusCode).toBe(401);
});

test('each refresh extends the idle life, never beyond the absolute one', async () => {
  const ada = await t.signIn();
  await change(ada, "idle_expires_at = now() + interval '1 minute'");
  await refresh(of(ada));
  const extended = await session(ada);
  expect(extended.idle_expires_at - Date.now()).toBeGreaterThan(86_000_000);
  await change(ada, "absolute_expires_at = now() + interval '1 hour', is_remembered = true");
  await refresh(of(ada, 1));
  const bounded = await session(ada);
  expect(bounded.idle_expires_at).toEqual(bounded.absolute_expires_at);
});

test('a refreshed token carries the present auth_version and the time of the sign-in', async () => {
  const ada = await t.signIn();
  await t.owner.query('UPDATE users SET auth_version = 7 WHERE id = $1', [ada.id]);
  await change(ada, "authenticated_at = '2026-01-01T00:00:00Z'");
  const token: string = (await refresh(of(ada))).json().access_token;
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toMatchObject({ ver: 7, auth_time: Date.UTC(2026, 0, 1) / 1000, sub: ada.id });
});

test('anything but a token that this server sealed is 401, and without a cookie too', async () => {
  const ada = await t.signIn();
  const token = of(ada).split('=')[1] ?? '';
  const flipped = Buffer.from(token, 'base64url');
  flipped.writeUInt8(flipped.readUInt8(35) ^ 1, 35);
  const bad = [
    '',
    'x',
    token.slice(1),
    `${token}A`,
    `${token}==`,
    flipped.toString('base64url'),
    ada.accessToken,
  ];
  for (const value of bad) {
    expect((await refresh(`docket_refresh=${value}`)).statusCode, value).toBe(401);
  }
  expect((await refresh(null)).statusCode).toBe(401);
  expect((await refresh(`__Host-docket_refresh=${token}`)).statusCode).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await refresh(null, headers)).statusCode).toBe(401);
  expect((await session(ada)).refresh_counter).toBe(0);
});

test('an access token does not refresh, and the refresh cookie reads nothing', async () => {
  const ada = await t.signIn();
  const headers = { authorization: `Bearer ${ada.accessToken}` };
  expect((await refresh(null, headers)).statusCode).toBe(401);
  for (const url of ['/api/v1/users/me', '/api/v1/tasks', '/api/v1/tasks/counts']) {
    expect((await t.call('GET', url, { headers: { cookie: of(ada) } })).statusCode).toBe(401);
  }
});
