import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';
import { bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { type MailedApp, outcomeOf, startMailedApp } from '../harness/mails.ts';
import type { ProviderServers } from '../harness/provider-app.ts';
import {
  AppBrowser,
  type ProviderApp,
  problem,
  startProviderServers,
} from '../harness/provider-app.ts';

/** The promise: whoever has lost something has lost it everywhere within a second. */
const PROMISED_MS = 1000;
/** Of what is tried at the same moment; every round costs several passwords. */
const ROUNDS = 2;
let servers: ProviderServers;
let t: MailedApp & ProviderApp;
let replica: TestApp;
let count = 0;

beforeAll(async () => {
  servers = await startProviderServers();
  const parts = { providerFetch: servers.fetch };
  const mailed = await startMailedApp(servers.settings, parts);
  t = { ...mailed, servers };
  replica = await startTestApp(servers.settings, { ...parts, database: t.database });
});
afterAll(async () => {
  await replica?.close();
  await t?.close();
  await servers?.close();
});

/** Eve registers the address of a victim and prepares everything by which she could come back. */
async function preRegister() {
  count += 1;
  const email = `victim-${count}@example.org`;
  const browser = new AppBrowser(t);
  const registered = await t.call('POST', '/api/v1/register', {
    body: { email, password: TEST_PASSWORD, name: 'Eve was here' },
  });
  expect(registered.statusCode).toBe(201);
  const signedIn = await browser.go('POST', '/api/v1/login', {
    body: { email, password: TEST_PASSWORD },
  });
  const { access_token: accessToken, user } = signedIn.json();
  const eve = { id: user.id, email, accessToken } as TestUser;
  const made = await t.call('POST', '/api/v1/users/me/api-tokens', {
    as: eve,
    body: { name: 'Backup', scopes: ['account:read', 'tasks:read'] },
  });
  const apiToken: string = made.json().token;
  await t.call('POST', '/api/v1/password/forgot', { body: { email } });
  const reset = await t.tokenFor(email, 'reset-password');
  const verify = await t.tokenFor(email, 'verify');
  await link(browser, eve, { email: `eve-${count}@evil.example`, subject: `eve-${count}` });
  const changed = `eve-new-${count}@evil.example`;
  await t.call('PATCH', '/api/v1/users/me', { as: eve, body: { email: changed } });
  const confirm = await t.tokenFor(changed, 'confirm-email');
  const pending = await startLink(browser, eve);
  const own = { email: `own-${count}@evil.example`, password: TEST_PASSWORD };
  await t.call('POST', '/api/v1/register', { body: own });
  const offer = await t.call('POST', '/api/v1/users/me/merges/offers', { as: eve, body: own });
  return {
    eve,
    browser,
    email,
    apiToken,
    reset,
    verify,
    confirm,
    pending,
    offer: offer.json().token,
  };
}

async function startLink(browser: AppBrowser, as: TestUser): Promise<URL> {
  const path = '/api/v1/users/me/providers/oidc/link';
  const answer = await browser.go('POST', path, { as, body: { password: TEST_PASSWORD } });
  return browser.atProvider(answer.json().authorization_url, {
    email: `late-${count}@evil.example`,
    subject: `late-${count}`,
  });
}

async function link(browser: AppBrowser, as: TestUser, person: { email: string; subject: string }) {
  const path = '/api/v1/users/me/providers/oidc/link';
  const answer = await browser.go('POST', path, { as, body: { password: TEST_PASSWORD } });
  const callback = await browser.atProvider(answer.json().authorization_url, person);
  expect(await browser.comeBack(callback)).toBe('/settings/security?linked=oidc');
}

async function takeOver(email: string) {
  const victim = new AppBrowser(t);
  expect(await victim.signIn('oidc', { email, subject: `the-${email}`, name: 'Victim' })).toBe('/');
  const person = await victim.whoIs();
  expect(person).toMatchObject({ email });
  return { victim, person };
}

/** What an account has and by what somebody could come into it. */
async function remainsOf(id: string) {
  const { rows } = await t.owner.query(
    `SELECT name, email, password_hash, pending_email, status,
       email_verified_at IS NOT NULL AS is_verified,
       (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND ended_at IS NULL) AS sessions,
       (SELECT count(*) FROM user_auth_providers p WHERE p.user_id = u.id) AS identities,
       (SELECT count(*) FROM api_tokens a WHERE a.user_id = u.id AND revoked_at IS NULL) AS api_tokens,
       (SELECT count(*) FROM mailed_tokens m WHERE m.user_id = u.id AND used_at IS NULL AND expires_at > now())
         AS mailed_tokens,
       (SELECT count(*) FROM provider_flows f WHERE f.user_id = u.id) AS flows
     FROM users u WHERE id = $1`,
    [id],
  );
  return rows[0];
}

/** The answers of both servers to an access token and an API token, as soon as neither is taken. */
async function whoIsIn(accessToken: string, apiToken: string): Promise<number[]> {
  const calls = [t, replica].flatMap((app) =>
    [accessToken, apiToken].map((token) =>
      app.call('GET', '/api/v1/users/me', { headers: bearer(token) }),
    ),
  );
  return (await Promise.all(calls)).map(({ statusCode }) => statusCode);
}

test('whoever registered the address of somebody else has nothing left once its owner comes by a provider', async () => {
  const e = await preRegister();
  expect(await whoIsIn(e.eve.accessToken, e.apiToken)).toEqual([200, 200, 200, 200]);
  const { victim, person } = await takeOver(e.email);
  expect(person?.id).toBe(e.eve.id);
  const begun = performance.now();
  await expect
    .poll(() => whoIsIn(e.eve.accessToken, e.apiToken), { interval: 50, timeout: PROMISED_MS })
    .toEqual([401, 401, 401, 401]);
  expect(performance.now() - begun).toBeLessThan(PROMISED_MS);

  for (const app of [t, replica]) {
    const answers = [
      await app.call('POST', '/api/v1/login', {
        body: { email: e.email, password: TEST_PASSWORD },
      }),
      await app.call('POST', '/api/v1/refresh', { cookies: e.browser.cookies }),
      await app.call('POST', '/api/v1/password/reset', {
        body: { token: e.reset, password: 'eve has another one' },
      }),
      await app.call('POST', '/api/v1/users/me/email/confirm', { body: { token: e.confirm } }),
      await app.call('POST', '/api/v1/users/me/merges', { as: e.eve, body: { token: e.offer } }),
    ];
    expect(answers.map(outcomeOf)).toEqual([
      '401 credentials.invalid',
      '401 session.invalid',
      '410 token.expired_or_unknown',
      '410 token.expired_or_unknown',
      '401 session.invalid',
    ]);
    const verified = await app.call('GET', `/api/v1/verify/${e.verify}`);
    expect(verified.json()).toEqual({ status: 'already_verified' });
  }
  expect(await e.browser.comeBack(e.pending)).toBe(problem('provider.flow_invalid'));
  // What Eve linked signs her in somewhere else, as somebody new.
  const eve = new AppBrowser(t);
  await eve.signIn('oidc', { email: `eve-${count}@evil.example`, subject: `eve-${count}` });
  expect((await eve.whoIs())?.id).not.toBe(e.eve.id);
  // The owner stays in, under their own name and with their own address.
  expect(await victim.whoIs()).toMatchObject({ id: e.eve.id, email: e.email });
  expect(await remainsOf(e.eve.id)).toEqual({
    name: 'Victim',
    email: e.email,
    password_hash: null,
    pending_email: null,
    status: 'active',
    is_verified: true,
    // Those of the owner alone.
    sessions: '1',
    identities: '1',
    api_tokens: '0',
    mailed_tokens: '0',
    flows: '0',
  });
});

test('the owner is told by mail, and the log tells what was taken away', async () => {
  const { email, eve } = await preRegister();
  const before = t.mailServer.received.length;
  await takeOver(email);
  await t.deliver();
  const mails = t.mailServer.received
    .slice(before)
    .filter(({ recipients }) => recipients.includes(email));
  expect(mails.map(({ mail }) => mail.text).join('')).toContain('Local');
  expect(JSON.stringify(mails)).not.toContain('evil.example');
  const { rows } = await t.owner.query(
    "SELECT action FROM audit_events WHERE user_id = $1 AND action IN ('user.taken_over', 'identity.unlinked', 'api_token.revoked') ORDER BY action",
    [eve.id],
  );
  expect(rows.map(({ action }) => action)).toEqual([
    'api_token.revoked',
    'identity.unlinked',
    'user.taken_over',
  ]);
});

describe('while the owner comes, whoever registered', () => {
  test('gets no session out of a sign-in at the same time', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { email } = await preRegister();
      const browsers = Array.from({ length: 4 }, () => new AppBrowser(t));
      await Promise.all([
        takeOver(email),
        ...browsers.map((browser) =>
          browser.go('POST', '/api/v1/login', { body: { email, password: TEST_PASSWORD } }),
        ),
      ]);
      const found = await Promise.all(browsers.map((browser) => browser.whoIs()));
      expect(found).toEqual([null, null, null, null]);
    }
  });

  test('keeps nothing out of refreshes and new API tokens at the same time', async () => {
    const { email, eve, browser } = await preRegister();
    const make = () =>
      t.call('POST', '/api/v1/users/me/api-tokens', {
        as: eve,
        body: { name: 'One more', scopes: ['account:read'] },
      });
    const [, refreshed, ...made] = await Promise.all([
      takeOver(email),
      t.call('POST', '/api/v1/refresh', { cookies: browser.cookies }),
      make(),
      make(),
      make(),
    ]);
    const tokens = [refreshed.json().access_token, ...made.map((answer) => answer.json().token)];
    for (const token of tokens.filter((one) => one !== undefined)) {
      await expect
        .poll(
          async () =>
            (await t.call('GET', '/api/v1/users/me', { headers: bearer(token) })).statusCode,
        )
        .toBe(401);
    }
  });

  test('links no identity at the same time', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { email, browser, pending, eve } = await preRegister();
      await Promise.all([takeOver(email), browser.comeBack(pending)]);
      const { rows } = await t.owner.query(
        'SELECT subject FROM user_auth_providers WHERE user_id = $1',
        [eve.id],
      );
      expect(rows).toEqual([{ subject: `the-${email}` }]);
    }
  });
});

test('tasks of whoever registered stay, and give them no way in', async () => {
  const { email, eve } = await preRegister();
  await t.call('POST', '/api/v1/tasks', { as: eve, body: { title: 'of before' } });
  const { person } = await takeOver(email);
  const listed = await t.call('GET', '/api/v1/tasks', {
    headers: bearer(person?.accessToken ?? ''),
  });
  expect(listed.json().items).toMatchObject([{ title: 'of before' }]);
});

describe('an account made by a provider that does not vouch for the address of a victim', () => {
  /** Eve gets in, as everybody does who has just registered. */
  async function makeByProvider() {
    count += 1;
    const [email, subject] = [`victim-${count}@example.org`, `eve-unproven-${count}`];
    const person = { email, subject, emailVerified: false };
    const browser = new AppBrowser(t);
    expect(await browser.signIn('oidc', person)).toBe('/');
    const eve = await browser.whoIs();
    expect(eve).toMatchObject({ email });
    return { person, browser, id: eve?.id ?? '', accessToken: eve?.accessToken ?? '' };
  }

  async function expectNothingLeft({
    person,
    browser,
    id,
    accessToken,
  }: Awaited<ReturnType<typeof makeByProvider>>) {
    await expect
      .poll(() => whoIsIn(accessToken, accessToken), { timeout: PROMISED_MS })
      .toEqual([401, 401, 401, 401]);
    expect(await browser.whoIs()).toBe(null);
    const again = new AppBrowser(t);
    expect(await again.signIn('oidc', person)).toBe(problem('provider.link_required'));
    const { rows } = await t.owner.query(
      'SELECT 1 FROM user_auth_providers WHERE user_id = $1 AND subject = $2',
      [id, person.subject],
    );
    expect(rows).toEqual([]);
  }

  test('is the victim’s alone once they come by one that does', async () => {
    const made = await makeByProvider();
    const { person } = await takeOver(made.person.email);
    expect(person?.id).toBe(made.id);
    await expectNothingLeft(made);
  });

  test('is the victim’s alone once they reset its password', async () => {
    const made = await makeByProvider();
    const { email } = made.person;
    await t.call('POST', '/api/v1/password/forgot', { body: { email } });
    const token = await t.tokenFor(email, 'reset-password');
    const body = { token, password: 'a password of the victim' };
    expect((await t.call('POST', '/api/v1/password/reset', { body })).statusCode).toBe(204);
    await expectNothingLeft(made);
  });
});
