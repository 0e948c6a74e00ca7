import { afterEach, describe, expect, test } from 'vitest';
import { cookieSetBy, TEST_PASSWORD } from '../harness/accounts.ts';
import { startTestApp } from '../harness/app.ts';
import { addVerified } from '../harness/identities.ts';
import { AppBrowser, problem, useProviderApp } from '../harness/provider-app.ts';

const t = useProviderApp();
const UNAVAILABLE = problem('provider.account_unavailable');
let count = 0;

/** Somebody who signs in by a provider alone. */
async function addPerson() {
  count += 1;
  const person = { email: `person-${count}@example.org`, subject: `person-${count}` };
  const browser = new AppBrowser(t);
  expect(await browser.signIn('oidc', person)).toBe('/');
  const found = await browser.whoIs();
  return { person, browser, id: found?.id ?? '', accessToken: found?.accessToken ?? '' };
}

async function outcome(person: { email: string; subject: string }) {
  const browser = new AppBrowser(t);
  return [await browser.signIn('oidc', person), await browser.whoIs()];
}

describe.each([
  ['disabled', "UPDATE users SET status = 'disabled' WHERE id = $1"],
  ['deleted', 'UPDATE users SET deleted_at = now() WHERE id = $1'],
])('an account that is %s', (_, statement) => {
  test('lets nobody in by its own identity, and makes no other', async () => {
    const { person, id } = await addPerson();
    await t.owner.query(statement, [id]);
    expect(await outcome(person)).toEqual([UNAVAILABLE, null]);
    const renamed = { ...person, email: `other-${count}@example.org` };
    expect(await outcome(renamed)).toEqual([UNAVAILABLE, null]);
    const { rows } = await t.owner.query(
      'SELECT user_id FROM user_auth_providers WHERE subject = $1',
      [person.subject],
    );
    expect(rows).toEqual([{ user_id: id }]);
  });

  test('lets nobody in by its address, however well it is proven', async () => {
    const { id, email } = await addVerified(t);
    await t.owner.query(statement, [id]);
    expect(await outcome({ email, subject: `claims-${id}` })).toEqual([UNAVAILABLE, null]);
  });

  test('is not brought back by a flow that was under way', async () => {
    const { person, id } = await addPerson();
    const browser = new AppBrowser(t);
    const callback = await browser.atProvider(await browser.begin(), person);
    await t.owner.query(statement, [id]);
    expect(await browser.comeBack(callback)).toBe(UNAVAILABLE);
  });
});

test('nor does a disabled one whose address nobody has proven', async () => {
  const { email } = await t.addAccount({ status: 'disabled' });
  expect(await outcome({ email, subject: 'claims-disabled' })).toEqual([UNAVAILABLE, null]);
});

test('whoever registers the address of somebody else and deletes that keeps its owner out by nothing', async () => {
  const eve = await t.signIn('eve');
  const deleted = await t.call('DELETE', '/api/v1/users/me', { as: eve });
  expect(deleted.statusCode).toBe(200);
  const person = { email: eve.email, subject: 'owner-of-the-address' };
  expect(await outcome(person)).toEqual(['/', expect.objectContaining({ email: eve.email })]);
});

test('the account that somebody deletes lets its identity in no longer', async () => {
  const { person, accessToken } = await addPerson();
  const deleted = await t.call('DELETE', '/api/v1/users/me', {
    headers: { authorization: `Bearer ${accessToken}` },
    body: {},
  });
  expect(deleted.statusCode).toBe(200);
  expect(await outcome(person)).toEqual([UNAVAILABLE, null]);
});

test('who comes by a provider has no password that could be guessed', async () => {
  const { person } = await addPerson();
  for (const password of ['', 'null', 'undefined', TEST_PASSWORD]) {
    const answer = await t.call('POST', '/api/v1/login', {
      body: { email: person.email, password },
    });
    expect([answer.statusCode >= 400, cookieSetBy(answer)]).toEqual([true, '']);
  }
});

test('twenty first sign-ins of one person at once make one account', async () => {
  const person = { email: 'twenty@example.org', subject: 'twenty' };
  const browsers = Array.from({ length: 20 }, () => new AppBrowser(t));
  const locations = await Promise.all(browsers.map((browser) => browser.signIn('oidc', person)));
  const found = await Promise.all(browsers.map((browser) => browser.whoIs()));
  expect(new Set(locations)).toEqual(new Set(['/']));
  expect(new Set(found.map((one) => one?.id)).size).toBe(1);
});

describe('a provider that is turned off while somebody is there', () => {
  afterEach(() => t.servers.google.behave());

  async function startOther(settings: Record<string, string>) {
    return startTestApp(settings, { database: t.database, providerFetch: t.servers.fetch });
  }

  test('lets nobody in any more', async () => {
    const { person } = await addPerson();
    const browser = new AppBrowser(t);
    const callback = await browser.atProvider(await browser.begin(), person);
    const other = await startOther(t.servers.github.settings);
    const answer = await other.call('GET', callback.pathname + callback.search, {
      cookies: browser.cookies,
    });
    await other.close();
    expect(answer.headers.location).toBe(problem('provider.not_found'));
    expect(answer.cookies).toEqual([]);
  });

  test('connects nothing any more', async () => {
    const ada = await t.signIn();
    const browser = new AppBrowser(t);
    const path = '/api/v1/users/me/providers/oidc/link';
    const asked = await browser.go('POST', path, { as: ada, body: {} });
    const callback = await browser.atProvider(asked.json().authorization_url, {
      email: 'late@example.org',
    });
    const other = await startOther(t.servers.github.settings);
    const answer = await other.call('GET', callback.pathname + callback.search, {
      cookies: browser.cookies,
    });
    await other.close();
    expect(answer.headers.location).toBe(problem('provider.not_found'));
    const listed = await t.call('GET', '/api/v1/users/me/providers', { as: ada });
    expect(listed.json().items).toEqual([]);
  });

  test('and is replaced by another of the same name lets nobody in with what the first said', async () => {
    const { person } = await addPerson();
    const browser = new AppBrowser(t);
    const callback = await browser.atProvider(await browser.begin(), person);
    const { google } = t.servers;
    const other = await startOther({ ...t.servers.oidc.settings, OIDC_ISSUER: google.issuer });
    const answer = await other.call('GET', callback.pathname + callback.search, {
      cookies: browser.cookies,
    });
    await other.close();
    expect(answer.headers.location).toBe(problem('provider.answer_invalid'));
    expect(answer.cookies).toEqual([]);
  });
});

describe('with REGISTRATION=closed', () => {
  test('nobody gets an account by a provider, and who has one gets in', async () => {
    const { person } = await addPerson();
    const closed = await startTestApp(
      { ...t.servers.settings, REGISTRATION: 'closed' },
      { database: t.database, providerFetch: t.servers.fetch },
    );
    const stranger = new AppBrowser(closed);
    const known = new AppBrowser(closed);
    const outcomes = [
      await stranger.signIn('oidc', { email: 'new@example.org', subject: 'new' }),
      await known.signIn('oidc', person),
    ];
    await closed.close();
    expect(outcomes).toEqual([problem('registration.closed'), '/']);
  });
});
