import { describe, expect, test } from 'vitest';
import { cookieSetBy, refreshCookie, TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import { startTestApp, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();
const FORM = 'application/x-www-form-urlencoded';

function loginByForm(email: string, password: string, headers: Record<string, string> = {}) {
  const raw = new URLSearchParams({ grant_type: 'password', username: email, password }).toString();
  return t.call('POST', '/api/auth/login', { raw, headers: { 'content-type': FORM, ...headers } });
}

describe('login', () => {
  test('by JSON, by form and by a form of several parts: the token, the user and the cookie', async () => {
    const { email } = await t.addAccount();
    const parts = new FormData();
    parts.set('username', email);
    parts.set('password', TEST_PASSWORD);
    const multipart = new Response(parts);
    const answers = [
      await t.call('POST', '/api/auth/login', { body: { email, password: TEST_PASSWORD, x: 1 } }),
      await loginByForm(email, TEST_PASSWORD),
      await t.call('POST', '/api/auth/login', {
        raw: Buffer.from(await multipart.clone().arrayBuffer()),
        headers: { 'content-type': multipart.headers.get('content-type') ?? '' },
      }),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(200);
      const grant = answer.json();
      expect(Object.keys(grant)).toEqual(['access_token', 'token_type', 'expires_in', 'user']);
      expect(grant).toMatchObject({ token_type: 'bearer', expires_in: 900, user: { email } });
      expect(cookieSetBy(answer)).toContain('docket_refresh=');
      const headers = { authorization: `Bearer ${grant.access_token}` };
      expect((await t.call('GET', '/api/tasks', { headers })).statusCode).toBe(200);
    }
  });

  test('whatever is wrong, 401 and the same body', async () => {
    const { email } = await t.addAccount();
    const disabled = await t.addAccount({ status: 'disabled' });
    const deleted = await t.addAccount({ isDeleted: true });
    const answers = [
      await loginByForm(email, 'wrong'),
      await loginByForm('nobody@example.org', TEST_PASSWORD),
      await loginByForm(disabled.email, TEST_PASSWORD),
      await loginByForm(deleted.email, TEST_PASSWORD),
      await t.call('POST', '/api/auth/login', { body: { email, password: '' } }),
    ];
    for (const answer of answers) {
      expect([answer.statusCode, answer.json()]).toEqual([
        401,
        { detail: 'Incorrect email or password' },
      ]);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  test('fields that are missing are named as the body names them', async () => {
    const missing = (name: string) => ({
      loc: ['body', name],
      msg: 'Field required',
      type: 'missing',
    });
    const json = await t.call('POST', '/api/auth/login', { body: {} });
    expect(json.json().detail).toEqual([missing('email'), missing('password')]);
    const form = await t.call('POST', '/api/auth/login', {
      raw: 'email=a',
      headers: { 'content-type': FORM },
    });
    expect(form.json().detail).toEqual([missing('username'), missing('password')]);
    const none = await t.call('POST', '/api/auth/login');
    expect(none.json().detail).toEqual([{ ...missing(''), loc: ['body'] }]);
  });

  test("a form that another site's page sends signs nobody in", async () => {
    const { email } = await t.addAccount();
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await loginByForm(email, TEST_PASSWORD, headers);
      expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined]);
    }
  });

  test('forms are for signing in alone, and every other type is refused', async () => {
    for (const [path, type] of [
      ['/api/auth/register', FORM],
      ['/api/auth/refresh', FORM],
      ['/api/auth/logout', FORM],
      ['/api/auth/login', 'text/plain'],
      ['/api/auth/login', 'application/xml'],
    ] as const) {
      const answer = await t.call('POST', path, { raw: 'a=b', headers: { 'content-type': type } });
      expect([path, answer.statusCode]).toEqual([path, 422]);
    }
  });

  test.each(['/api/auth/login', '/api/auth/register'])(
    '%s draws from the bucket of v1 for the address: five attempts leave none',
    async (path) => {
      const limited = await startTestApp({ RATE_LIMIT_AUTH: '5/1m' });
      try {
        const attempt = (to: string, email: string) =>
          limited.call('POST', to, { body: { email, password: 'wrong' } });
        for (let i = 0; i < 5; i++) {
          expect((await attempt(path, `${i}@example.org`)).statusCode).toBeLessThan(429);
        }
        expect((await attempt('/api/v1/login', '5@example.org')).statusCode).toBe(429);
        const refused = await attempt(path, '6@example.org');
        expect([refused.statusCode, Object.keys(refused.json())]).toEqual([429, ['detail']]);
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      } finally {
        await limited.close();
      }
    },
  );

  test('draws from the bucket of v1 for the account, wherever the attempts come from', async () => {
    const limited = await startTestApp({ RATE_LIMIT_AUTH: '5/1m' });
    try {
      const attempt = (path: string, remoteAddress: string, body: object) =>
        limited.call('POST', path, { body, remoteAddress });
      const email = 'nobody@example.org';
      for (let i = 0; i < 5; i++) {
        const body = { email: email.toUpperCase(), password: 'wrong' };
        expect((await attempt('/api/auth/login', `192.0.2.${i}`, body)).statusCode).toBe(401);
      }
      const answer = await attempt('/api/v1/login', '192.0.2.9', { email, password: 'wrong' });
      expect(answer.statusCode).toBe(429);
    } finally {
      await limited.close();
    }
  });

  test('is written to the audit log as that of v1', async () => {
    const { id, email } = await t.addAccount();
    await loginByForm(email, TEST_PASSWORD);
    const { rows } = await t.owner.query('SELECT action FROM audit_events WHERE user_id = $1', [
      id,
    ]);
    expect(rows.map((row) => row.action)).toContain('session.started');
  });
});

describe('refresh and logout', () => {
  test('refresh rotates the cookie of v1 and answers as login', async () => {
    const ada = await t.signIn();
    const cookie = refreshCookie(t.ctx, ada);
    const answer = await t.call('POST', '/api/auth/refresh', { headers: { cookie } });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ token_type: 'bearer', user: { email: ada.email } });
    expect(cookieSetBy(answer)).not.toBe(cookie);
  });

  test('refresh › 401 without a cookie, with one that is none of ours, or after logout', async () => {
    const refresh = (cookie?: string) =>
      t.call('POST', '/api/auth/refresh', { headers: { ...(cookie && { cookie }) } });
    expect((await refresh()).json()).toEqual({ detail: 'Not authenticated' });
    expect((await refresh('docket_refresh=x')).json()).toEqual({ detail: 'Invalid token' });
    const ada = await t.signIn();
    const cookie = refreshCookie(t.ctx, ada);
    const out = await t.call('POST', '/api/auth/logout', { headers: { cookie } });
    expect([out.statusCode, out.json()]).toEqual([200, { detail: 'Logged out' }]);
    expect(out.headers['set-cookie']).toContain('Max-Age=0');
    const after = await refresh(cookie);
    expect([after.statusCode, after.json()]).toEqual([401, { detail: 'Invalid token' }]);
    expect((await t.call('GET', '/api/tasks', { as: ada })).json()).toEqual({
      detail: 'Invalid token',
    });
  });

  test("neither serves another site's page", async () => {
    const cookie = refreshCookie(t.ctx, await t.signIn());
    for (const path of ['/api/auth/refresh', '/api/auth/logout']) {
      for (const from of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
        const answer = await t.call('POST', path, { headers: { cookie, ...from } });
        expect([path, answer.statusCode]).toEqual([path, 403]);
      }
    }
  });

  test('logout without anything is no failure', async () => {
    expect((await t.call('POST', '/api/auth/logout')).statusCode).toBe(200);
  });
});
