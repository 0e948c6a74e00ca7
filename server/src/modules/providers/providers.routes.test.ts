import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refreshCookie, TEST_PASSWORD, type TestUser } from '../../../test/harness/accounts.ts';
import { startTestApp, TEST_ORIGIN, type TestApp } from '../../../test/harness/app.ts';
import {
  type OidcServer,
  type Person,
  startOidcServer,
} from '../../../test/harness/oidc-server.ts';
import { signInAt } from '../../../test/harness/provider-browser.ts';
import { runJob } from '../../jobs.ts';

const BEGIN = '/api/v1/auth/oidc';
const HOST = { host: new URL(TEST_ORIGIN).host };
let provider: OidcServer;
let app: TestApp;

beforeAll(async () => {
  provider = await startOidcServer({ publicUrl: TEST_ORIGIN });
  app = await startTestApp(provider.settings);
});
afterAll(async () => {
  await app?.close();
  await provider?.close();
});

/** What a browser keeps of an answer's cookies, by name. */
function cookiesOf(answer: { cookies: { name: string; value: string }[] }): Record<string, string> {
  return Object.fromEntries(answer.cookies.map(({ name, value }) => [name, value]));
}

async function begin(query = '') {
  const answer = await app.call('GET', BEGIN + query, { headers: HOST });
  return { answer, url: String(answer.headers.location), cookies: cookiesOf(answer) };
}

async function signIn(person: Person | null, query = '') {
  const { url, cookies } = await begin(query);
  const callback = await signInAt(url, person);
  return finish(callback, cookies);
}

function finish(callback: URL, cookies: Record<string, string>) {
  return app.call('GET', callback.pathname + callback.search, { headers: HOST, cookies });
}

function sessionCookieOf(user: TestUser): Record<string, string> {
  const [name = '', value = ''] = refreshCookie(app.ctx, user).split('=');
  return { [name]: value };
}

async function emailOf(refreshToken: string | undefined): Promise<string> {
  const answer = await app.call('POST', '/api/v1/refresh', {
    cookies: { docket_refresh: refreshToken ?? '' },
  });
  return answer.json().user?.email ?? answer.json().code;
}

test('GET /auth/providers › those that are enabled, with what their buttons say', async () => {
  const answer = await app.call('GET', '/api/v1/auth/providers');
  expect(answer.json()).toEqual({
    items: [{ name: 'oidc', label: 'Local', icon_url: null, is_available: true }],
  });
});

describe('signing in', () => {
  test('ends at the page where the person was, with a session as after a password', async () => {
    const answer = await signIn({ email: 'ada@example.org' }, '?return_to=%2F%3Fshow%3Dall');
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/?show=all']);
    const cookie = answer.cookies.find(({ name }) => name === 'docket_refresh');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 86_400 });
    expect(await emailOf(cookie?.value)).toBe('ada@example.org');
  });

  test('"remember me" reaches the session', async () => {
    const answer = await signIn({ email: 'remembered@example.org' }, '?remember=true');
    const cookie = answer.cookies.find(({ name }) => name === 'docket_refresh');
    expect(cookie?.maxAge).toBe(30 * 86_400);
  });

  test('the request asks for a code, with PKCE, state and nonce, and the cookie is the browser’s alone', async () => {
    const { answer, url } = await begin();
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${TEST_ORIGIN}/api/v1/auth/oidc/callback`,
    });
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked[name]).toHaveLength(43);
    expect(answer.cookies).toEqual([
      expect.objectContaining({
        name: 'docket_sign_in',
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        maxAge: 600,
      }),
    ]);
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
  });

  test('two tabs of one browser can be at the provider at once', async () => {
    const one = await begin();
    const two = await app.call('GET', BEGIN, { headers: HOST, cookies: one.cookies });
    const urls = [one.url, String(two.headers.location)];
    const cookies = { ...one.cookies, ...cookiesOf(two) };
    for (const [index, url] of urls.entries()) {
      const callback = await signInAt(url, { email: `tab-${index}@example.org` });
      expect((await finish(callback, cookies)).headers.location).toBe('/');
    }
  });

  test('under another name of this machine it begins at the public one, once', async () => {
    const answer = await app.call('GET', `${BEGIN}?remember=true`, {
      headers: { host: '127.0.0.1:3000' },
    });
    const url = `${TEST_ORIGIN}${BEGIN}?remember=true&at_public_url=true`;
    expect(answer.headers.location).toBe(url);
    const behindProxy = await app.call('GET', url.slice(TEST_ORIGIN.length), {
      headers: { host: 'upstream' },
    });
    expect(String(behindProxy.headers.location)).toMatch(provider.issuer);
  });

  test('who cancels is led to a page that says so', async () => {
    expect((await signIn(null)).headers.location).toBe(
      '/login/problem?code=provider.cancelled&provider=oidc',
    );
  });

  test('a provider that is not enabled is a page too', async () => {
    for (const path of ['/api/v1/auth/google', '/api/v1/auth/google/callback?state=x&code=y']) {
      const answer = await app.call('GET', path, { headers: HOST });
      expect(answer.headers.location).toBe(
        '/login/problem?code=provider.not_found&provider=google',
      );
    }
  });

  test('a browser that comes too often, or with an address that says nothing, gets a page', async () => {
    const limited = await startTestApp({ ...provider.settings, RATE_LIMIT_DEFAULT: '1/1h' });
    try {
      const accept = 'text/html,application/xhtml+xml';
      const get = (path: string, headers: object) =>
        limited.call('GET', path, { headers: { ...HOST, ...headers } });
      await get(BEGIN, {});
      const page = (code: string) => `/login/problem?code=${code}&provider=oidc`;
      for (const path of [BEGIN, `${BEGIN}/callback`]) {
        const answer = await get(path, { accept });
        expect([answer.statusCode, answer.headers.location]).toEqual([302, page('rate.limited')]);
        expect((await get(path, {})).statusCode).toBe(429);
      }
      const asked = await app.call('GET', `${BEGIN}?x=1`, { headers: { ...HOST, accept } });
      expect(asked.headers.location).toBe(page('request.invalid'));
      const program = await app.call('GET', `${BEGIN}?x=1`, { headers: HOST });
      expect([program.statusCode, program.json().errors]).toMatchObject([400, [{ pointer: '/x' }]]);
    } finally {
      await limited.close();
    }
  });

  test('what was never finished is purged', async () => {
    await begin();
    await app.owner.query("UPDATE provider_flows SET expires_at = now() - interval '1 second'");
    expect(await runJob(app.ctx, 'provider_flows.purge')).toBeGreaterThan(0);
    expect((await app.owner.query('SELECT 1 FROM provider_flows')).rows).toEqual([]);
  });
});

describe('connecting', () => {
  test.each([
    ['an unpaired surrogate', '{"password":"\\ud800"}', '/password'],
    ['NUL', '{"password":"a\\u0000b"}', '/password'],
    ['a number', '{"password":1}', '/password'],
    ['a field of another route', '{"provider":"oidc"}', '/provider'],
  ])('with %s is refused by the name of the field', async (_, payload, pointer) => {
    const { accessToken } = await app.signIn();
    const answer = await app.app.inject({
      method: 'POST',
      url: '/api/v1/users/me/providers/oidc/link',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      payload,
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toMatchObject([{ pointer }]);
  });

  async function link(user: TestUser, person: Person) {
    const asked = await app.call('POST', '/api/v1/users/me/providers/oidc/link', {
      as: user,
      body: {},
    });
    expect(asked.statusCode).toBe(200);
    const callback = await signInAt(asked.json().authorization_url, person);
    return { callback, cookies: cookiesOf(asked) };
  }

  test('ends in the session that asked for it, and again says that it is so', async () => {
    const grace = await app.signIn();
    const person = { email: 'grace@elsewhere.example' };
    for (const location of [
      '/settings/security?linked=oidc',
      '/settings/security?linked=oidc&already=true',
    ]) {
      const { callback, cookies } = await link(grace, person);
      const own = { ...cookies, ...sessionCookieOf(grace) };
      expect((await finish(callback, own)).headers.location).toBe(location);
    }
    const listed = await app.call('GET', '/api/v1/users/me/providers', { as: grace });
    expect(listed.json().items).toMatchObject([{ provider: 'oidc', email: person.email }]);
  });

  test('a browser that keeps the session cookie back is led on from this site, once', async () => {
    const { callback, cookies } = await link(await app.signIn(), { email: 'strict@example.org' });
    const page = await finish(callback, cookies);
    expect([page.statusCode, page.headers['content-type']]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const [, path = ''] = /content="0;url=([^"]+)"/.exec(page.body) ?? [];
    const onward = new URL(path.replaceAll('&#38;', '&'), TEST_ORIGIN);
    expect((await finish(onward, cookies)).headers.location).toBe(
      '/settings/security?problem=session.invalid&provider=oidc',
    );
  });

  test('nobody else who sits at the browser by then gets the identity', async () => {
    const [one, other] = [await app.signIn(), await app.signIn()];
    const { callback, cookies } = await link(one, { email: 'shared-desk@example.org' });
    const answer = await finish(callback, { ...cookies, ...sessionCookieOf(other) });
    expect(answer.headers.location).toBe(
      '/settings/security?problem=provider.flow_invalid&provider=oidc',
    );
    for (const user of [one, other]) {
      const listed = await app.call('GET', '/api/v1/users/me/providers', { as: user });
      expect(listed.json().items).toEqual([]);
    }
  });

  test('an identity of another account leads to an offer to merge the two', async () => {
    const person = { email: 'twice@elsewhere.example', name: 'Twice' };
    await signIn(person);
    const grace = await app.signIn();
    const { callback, cookies } = await link(grace, person);
    const answer = await finish(callback, { ...cookies, ...sessionCookieOf(grace) });
    const [page, token] = String(answer.headers.location).split('#merge=');
    expect(page).toBe('/settings/security?problem=provider.identity_taken&provider=oidc');
    const offer = await app.call('POST', '/api/v1/users/me/merges/offers/view', {
      as: grace,
      body: { token },
    });
    expect(offer.json()).toMatchObject({ account: { email: person.email, task_count: 0 } });
    const listed = await app.call('GET', '/api/v1/users/me/providers', { as: grace });
    expect(listed.json().items).toEqual([]);
  });

  test('needs a fresh sign-in or the password', async () => {
    const account = await app.addAccount();
    const old = await app.call('POST', '/api/v1/login', {
      body: { email: account.email, password: TEST_PASSWORD },
    });
    const { access_token: accessToken } = old.json();
    await app.owner.query(
      "UPDATE sessions SET authenticated_at = now() - interval '11 minutes' WHERE user_id = $1",
      [account.id],
    );
    const refreshed = await app.call('POST', '/api/v1/refresh', {
      cookies: cookiesOf(old),
    });
    const headers = { authorization: `Bearer ${refreshed.json().access_token ?? accessToken}` };
    const path = '/api/v1/users/me/providers/oidc/link';
    const codes = [];
    for (const body of [{}, { password: 'wrong' }, { password: TEST_PASSWORD }]) {
      const answer = await app.call('POST', path, { headers, body });
      codes.push(answer.json().code ?? answer.statusCode);
    }
    expect(codes).toEqual(['fresh_sign_in.required', 'fresh_sign_in.required', 200]);
  });

  test('404 for a provider that is not enabled', async () => {
    const answer = await app.call('POST', '/api/v1/users/me/providers/google/link', {
      as: await app.signIn(),
      body: {},
    });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'provider.not_found']);
  });
});
