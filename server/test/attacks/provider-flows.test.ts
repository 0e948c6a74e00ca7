import { expect, test } from 'vitest';
import { AppBrowser, problem, useProviderApp } from '../harness/provider-app.ts';

const t = useProviderApp();
const FLOW_INVALID = problem('provider.flow_invalid');
const ADA = { email: 'ada@example.org', subject: 'ada' };

/** A browser that has been at the provider and is about to come back. */
async function returning(person = ADA) {
  const browser = new AppBrowser(t);
  const callback = await browser.atProvider(await browser.begin(), person);
  return { browser, callback };
}

async function sessionCount(): Promise<number> {
  const { rows } = await t.owner.query('SELECT count(*)::int AS count FROM sessions');
  return rows[0].count;
}

/** Where an altered callback leads; it makes no session. */
async function outcomeOfAltered(alter: (callback: URL) => void): Promise<string> {
  const { browser, callback } = await returning();
  const altered = new URL(callback);
  alter(altered);
  const before = await sessionCount();
  const location = await browser.comeBack(altered);
  expect(await sessionCount()).toBe(before);
  return location;
}

test('the flow that all of these attack works', async () => {
  const { browser, callback } = await returning();
  expect(await browser.comeBack(callback)).toBe('/');
  expect(await browser.whoIs()).toMatchObject({ email: ADA.email });
});

test.each([
  ['another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
  ['no state', (url: URL) => url.searchParams.delete('state')],
  ['an empty state', (url: URL) => url.searchParams.set('state', '')],
  ['two states', (url: URL) => url.searchParams.append('state', 'x'.repeat(43))],
  ['a long state', (url: URL) => url.searchParams.set('state', 'x'.repeat(5000))],
  ['a state with a zero byte', (url: URL) => url.searchParams.set('state', `${'x'.repeat(42)}\0`)],
])('a callback with %s is refused', async (_, alter) => {
  expect(await outcomeOfAltered(alter)).toBe(FLOW_INVALID);
});

test.each([
  ['no code', (url: URL) => url.searchParams.delete('code')],
  ['a made-up code', (url: URL) => url.searchParams.set('code', 'made-up')],
  ['two codes', (url: URL) => url.searchParams.append('code', 'made-up')],
  ['no issuer', (url: URL) => url.searchParams.delete('iss')],
  ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
  ['two issuers', (url: URL) => url.searchParams.append('iss', 'https://evil.example')],
  ['a token of the implicit flow', (url: URL) => url.searchParams.set('response', 'a.b.c')],
])('an answer with %s is not believed', async (_, alter) => {
  expect(await outcomeOfAltered(alter)).toBe(problem('provider.answer_invalid'));
});

test('a callback works once', async () => {
  const { browser, callback } = await returning();
  expect(await browser.comeBack(callback)).toBe('/');
  const before = await sessionCount();
  expect(await browser.comeBack(callback)).toBe(FLOW_INVALID);
  expect(await sessionCount()).toBe(before);
});

test('a callback used 50 times at once makes one session', async () => {
  const { browser, callback } = await returning();
  const before = await sessionCount();
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => browser.comeBack(callback)));
  expect(outcomes.filter((location) => location === '/')).toHaveLength(1);
  expect(outcomes.filter((location) => location === FLOW_INVALID)).toHaveLength(49);
  expect(await sessionCount()).toBe(before + 1);
});

test('a flow that failed at the provider is over as well', async () => {
  const { browser, callback } = await returning();
  const altered = new URL(callback);
  altered.searchParams.set('code', 'made-up');
  await browser.comeBack(altered);
  expect(await browser.comeBack(callback)).toBe(FLOW_INVALID);
});

test('the state of one provider is nothing at the callback of another', async () => {
  const { browser, callback } = await returning();
  callback.pathname = '/api/v1/auth/google/callback';
  expect(await browser.comeBack(callback)).toBe(problem('provider.flow_invalid', 'google'));
  callback.pathname = '/api/v1/auth/oidc/callback';
  expect(await browser.comeBack(callback)).toBe('/');
});

test('another browser cannot finish what one began, with or without a flow of its own', async () => {
  const { browser, callback } = await returning();
  const [stranger, other] = [new AppBrowser(t), new AppBrowser(t)];
  await other.begin();
  expect(await stranger.comeBack(callback)).toBe(FLOW_INVALID);
  expect(await other.comeBack(callback)).toBe(FLOW_INVALID);
  stranger.cookies.docket_sign_in = 'x'.repeat(43);
  expect(await stranger.comeBack(callback)).toBe(FLOW_INVALID);
  expect([await stranger.whoIs(), await other.whoIs()]).toEqual([null, null]);
  expect(await browser.comeBack(callback)).toBe('/');
});

test.each([
  ['9 minutes 50 seconds', '/'],
  ['10 minutes 1 second', FLOW_INVALID],
])('a flow that took %s ends at %s', async (age, location) => {
  const { browser, callback } = await returning();
  await t.owner.query('UPDATE provider_flows SET expires_at = expires_at - $1::interval', [age]);
  expect(await browser.comeBack(callback)).toBe(location);
});

test('the code of an attacker is worth nothing in the flow of a victim, nor the other way round', async () => {
  const [victim, eve] = [
    await returning(),
    await returning({ email: 'eve@example.org', subject: 'eve' }),
  ];
  const codes = [victim, eve].map(({ callback }) => callback.searchParams.get('code') ?? '');
  victim.callback.searchParams.set('code', codes[1] ?? '');
  eve.callback.searchParams.set('code', codes[0] ?? '');
  for (const { browser, callback } of [victim, eve]) {
    expect(await browser.comeBack(callback)).toBe(problem('provider.answer_invalid'));
    expect(await browser.whoIs()).toBe(null);
  }
});

test('nor is it at GitHub, which has no nonce', async () => {
  const browsers = [new AppBrowser(t), new AppBrowser(t)] as const;
  const callbacks: URL[] = [];
  for (const browser of browsers) {
    callbacks.push(await browser.atProvider(await browser.begin('github')));
  }
  const [victims, eves] = callbacks as [URL, URL];
  victims.searchParams.set('code', eves.searchParams.get('code') ?? '');
  const refused = problem('provider.answer_invalid', 'github');
  expect(await browsers[0].comeBack(victims)).toBe(refused);
});

test('a whole callback of an attacker signs no victim in as the attacker', async () => {
  const eve = await returning({ email: 'eve@example.org', subject: 'eve' });
  const victim = new AppBrowser(t);
  await victim.begin();
  expect(await victim.comeBack(eve.callback)).toBe(FLOW_INVALID);
  expect(await victim.whoIs()).toBe(null);
});

test('two tabs of one browser both finish, in any order', async () => {
  const browser = new AppBrowser(t);
  const people = [ADA, { email: 'grace@example.org', subject: 'grace' }];
  const callbacks: URL[] = [];
  for (const person of people) {
    callbacks.push(await browser.atProvider(await browser.begin(), person));
  }
  for (const [index, callback] of callbacks.reverse().entries()) {
    expect(await browser.comeBack(callback)).toBe('/');
    expect((await browser.whoIs())?.email).toBe(people[1 - index]?.email);
  }
});

test('HEAD and POST at the callback do nothing, and end no flow', async () => {
  const { browser, callback } = await returning();
  const path = callback.pathname + callback.search;
  const before = await sessionCount();
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE']) {
    const answer = await browser.go(method, path);
    expect([method, answer.statusCode >= 400]).toEqual([method, true]);
    expect(answer.cookies).toEqual([]);
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = await browser.go('POST', callback.pathname, {
    raw: callback.search.slice(1),
    headers: form,
  });
  expect(posted.statusCode).toBeGreaterThanOrEqual(400);
  expect(await sessionCount()).toBe(before);
  expect(await browser.comeBack(callback)).toBe('/');
});

test('HEAD at the button begins nothing', async () => {
  const count = async () => (await t.owner.query('SELECT 1 FROM provider_flows')).rowCount;
  const before = await count();
  const answer = await new AppBrowser(t).go('HEAD', '/api/v1/auth/oidc');
  expect([await count(), answer.cookies]).toEqual([before, []]);
});

test.each([
  ['markup', '<script>alert(1)</script>'],
  ['a line break', 'x\r\nSet-Cookie: docket_refresh=evil'],
  ['another parameter', 'x&code=provider.cancelled#merge=evil'],
  ['10 kB', 'x'.repeat(10_000)],
])('an error with %s in it appears nowhere in the answer', async (_, text) => {
  const { browser, callback } = await returning();
  const altered = new URL(callback);
  altered.search = new URLSearchParams({
    state: callback.searchParams.get('state') ?? '',
    iss: callback.searchParams.get('iss') ?? '',
    error: text,
    error_description: text,
    error_uri: `https://evil.example/?${text}`,
  }).toString();
  const answer = await browser.go('GET', altered.pathname + altered.search);
  expect(answer.headers.location).toBe(problem('provider.answer_invalid'));
  expect(answer.cookies).toEqual([]);
  expect(answer.body).not.toContain(text);
});

test('the name of a provider that does not exist appears escaped, and is none', async () => {
  const name = '"><script>alert(1)</script>';
  for (const path of ['', '/callback?state=x&code=x']) {
    const answer = await new AppBrowser(t).go(
      'GET',
      `/api/v1/auth/${encodeURIComponent(name)}${path}`,
    );
    const { location } = answer.headers;
    expect(String(location)).toMatch('/login/problem?code=provider.not_found&provider=');
    expect(String(location)).not.toMatch(/[<>"]/);
    expect(answer.body).not.toContain('<script>');
  }
});

test.each(['__proto__', 'constructor', 'toString', 'OIDC', 'oidc%00', '..%2Foidc'])(
  'there is no provider %s',
  async (name) => {
    const answer = await new AppBrowser(t).go('GET', `/api/v1/auth/${name}`);
    expect(answer.headers.location ?? answer.json().code).toMatch(/not_found/);
  },
);
