import { describe, expect, test } from 'vitest';
import { addSession, refreshCookie, TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { outcomeOf } from '../harness/mails.ts';
import { AppBrowser, problem, useProviderApp } from '../harness/provider-app.ts';

const t = useProviderApp();
const LINK = '/api/v1/users/me/providers/oidc/link';
const LINKED = '/settings/security?linked=oidc';
let count = 0;

function refused(code: string): string {
  return `/settings/security?problem=${code}&provider=oidc`;
}

function newPerson() {
  count += 1;
  return { email: `linked-${count}@elsewhere.example`, subject: `linked-${count}` };
}

/** A browser in which somebody is signed in. */
function browserOf(user: TestUser): AppBrowser {
  const browser = new AppBrowser(t);
  sitDown(browser, user);
  return browser;
}

function sitDown(browser: AppBrowser, user: TestUser): void {
  const [name = '', value = ''] = refreshCookie(t.ctx, user).split('=');
  browser.cookies[name] = value;
}

/** Somebody who has asked to connect an identity and is about to come back with it. */
async function returning(person = newPerson()) {
  const user = await t.signIn();
  const browser = browserOf(user);
  const asked = await browser.go('POST', LINK, { as: user, body: {} });
  const callback = await browser.atProvider(asked.json().authorization_url, person);
  return { user, browser, callback, person };
}

/** Comes back, led on by a page of this site if there is no session cookie, as a browser is. */
async function comeBack(browser: AppBrowser, callback: URL): Promise<string> {
  const location = await browser.comeBack(callback);
  if (location !== '200') return location;
  const onward = new URL(callback);
  onward.searchParams.set('onward', 'true');
  return browser.comeBack(onward);
}

async function linksOf(...users: { id: string }[]): Promise<number> {
  const { rows } = await t.owner.query(
    'SELECT 1 FROM user_auth_providers WHERE user_id = ANY ($1)',
    [users.map(({ id }) => id)],
  );
  return rows.length;
}

test('the flow that all of these attack works', async () => {
  const { user, browser, callback } = await returning();
  expect(await comeBack(browser, callback)).toBe(LINKED);
  expect(await linksOf(user)).toBe(1);
});

describe('connecting an identity begins with', () => {
  test('a POST: no address does it', async () => {
    const ada = await t.signIn();
    const browser = browserOf(ada);
    for (const method of ['GET', 'HEAD']) {
      expect((await browser.go(method, LINK, { as: ada })).statusCode).toBeGreaterThanOrEqual(400);
    }
    const { rows } = await t.owner.query('SELECT 1 FROM provider_flows WHERE user_id = $1', [
      ada.id,
    ]);
    expect(rows).toEqual([]);
  });

  test('an access token: no cookie does it', async () => {
    const browser = browserOf(await t.signIn());
    expect(outcomeOf(await browser.go('POST', LINK, { body: {} }))).toBe('401 token.missing');
  });

  test('a session: no API token does it', async () => {
    const ada = await t.signIn();
    const { token } = await addApiToken(t.owner, ada.id, ['account:read', 'tasks:write']);
    const answer = await t.call('POST', LINK, { headers: bearer(token), body: {} });
    expect(answer.statusCode).toBeGreaterThanOrEqual(401);
    expect(answer.statusCode).toBeLessThan(404);
  });

  test('a body of this API: no form of another site does it', async () => {
    const ada = await t.signIn();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await t.call('POST', LINK, { as: ada, raw: 'password=x', headers });
    expect(answer.statusCode).toBe(415);
  });
});

describe('connecting an identity ends', () => {
  test('in the browser in which it began', async () => {
    const { user, callback } = await returning();
    const other = browserOf(user);
    expect(await comeBack(other, callback)).toBe(problem('provider.flow_invalid'));
    await other.begin();
    expect(await comeBack(other, callback)).toBe(problem('provider.flow_invalid'));
    expect(await linksOf(user)).toBe(0);
  });

  test('not in the browser of a victim who is led to where an attacker has been', async () => {
    const eve = await returning();
    const victim = await t.signIn();
    expect(await comeBack(browserOf(victim), eve.callback)).toBe(problem('provider.flow_invalid'));
    expect(await linksOf(victim, eve.user)).toBe(0);
  });

  test('not after the session has been ended elsewhere', async () => {
    const { user, browser, callback } = await returning();
    const other = await addSession(t.ctx, t.owner, user);
    const path = `/api/v1/users/me/sessions/${user.sessionId}`;
    expect((await t.call('DELETE', path, { as: other })).statusCode).toBe(204);
    expect(await comeBack(browser, callback)).toBe(refused('session.invalid'));
    expect(await linksOf(user)).toBe(0);
  });

  test.each(['idle_expires_at', 'absolute_expires_at'])(
    'not after the end of the session by %s',
    async (column) => {
      const { user, browser, callback } = await returning();
      await t.owner.query(
        `UPDATE sessions SET ${column} = now() - interval '1 second' WHERE user_id = $1`,
        [user.id],
      );
      expect(await comeBack(browser, callback)).toBe(refused('session.invalid'));
      expect(await linksOf(user)).toBe(0);
    },
  );

  test('not where the session ends while the provider is asked', async () => {
    const user = await t.signIn();
    const other = await addSession(t.ctx, t.owner, user);
    const browser = browserOf(user);
    const path = LINK.replace('oidc', 'google');
    const asked = await browser.go('POST', path, { as: user, body: {} });
    const callback = await browser.atProvider(asked.json().authorization_url);
    const statuses: number[] = [];
    t.servers.google.behave({
      async intercept(request) {
        if (!request.url?.startsWith('/token')) return false;
        const session = `/api/v1/users/me/sessions/${user.sessionId}`;
        statuses.push((await t.call('DELETE', session, { as: other })).statusCode);
        return false;
      },
    });
    const location = await comeBack(browser, callback);
    t.servers.google.behave();
    expect([statuses, location]).toEqual([
      [204],
      '/settings/security?problem=session.invalid&provider=google',
    ]);
    expect(await linksOf(user)).toBe(0);
  });

  test('not after signing out', async () => {
    const { user, browser, callback } = await returning();
    const cookies = { ...browser.cookies };
    expect((await browser.go('POST', '/api/v1/logout')).statusCode).toBe(204);
    expect(await comeBack(browser, callback)).not.toMatch('linked=');
    Object.assign(browser.cookies, cookies);
    expect(await comeBack(browser, callback)).not.toMatch('linked=');
    expect(await linksOf(user)).toBe(0);
  });

  test('not for another person who has sat down at the browser', async () => {
    const { user, browser, callback } = await returning();
    const other = await t.signIn();
    sitDown(browser, other);
    expect(await comeBack(browser, callback)).toBe(refused('provider.flow_invalid'));
    expect(await linksOf(user, other)).toBe(0);
  });

  test('not in another session of the same person', async () => {
    const { user, browser, callback } = await returning();
    sitDown(browser, await addSession(t.ctx, t.owner, user));
    expect(await comeBack(browser, callback)).toBe(refused('provider.flow_invalid'));
    expect(await linksOf(user)).toBe(0);
  });

  test('not without the session cookie, which other sites do not bring along', async () => {
    const { user, browser, callback } = await returning();
    delete browser.cookies.docket_refresh;
    expect(await comeBack(browser, callback)).toBe(refused('session.invalid'));
    expect(await linksOf(user)).toBe(0);
  });

  test('not with a made-up session cookie', async () => {
    const { user, browser, callback } = await returning();
    for (const cookie of [
      '',
      'x',
      'x'.repeat(75),
      `${browser.cookies.docket_refresh?.slice(0, -2)}AA`,
    ]) {
      browser.cookies.docket_refresh = cookie;
      expect(await comeBack(browser, callback)).not.toMatch('linked=');
    }
    expect(await linksOf(user)).toBe(0);
  });

  test.each([
    ['disabled', "UPDATE users SET status = 'disabled' WHERE id = $1"],
    ['deleted', 'UPDATE users SET deleted_at = now() WHERE id = $1'],
  ])('not for an account that has been %s', async (_, statement) => {
    const { user, browser, callback } = await returning();
    await t.owner.query(statement, [user.id]);
    expect(await comeBack(browser, callback)).not.toMatch('linked=');
    expect(await linksOf(user)).toBe(0);
  });

  test('once, however often it is used at the same time', async () => {
    const { user, browser, callback } = await returning();
    const locations = await Promise.all(
      Array.from({ length: 20 }, () => comeBack(browser, callback)),
    );
    expect(locations.filter((location) => location === LINKED)).toHaveLength(1);
    expect(await linksOf(user)).toBe(1);
  });

  test('in a connection, never in a sign-in', async () => {
    const { browser, callback } = await returning();
    const before = browser.cookies.docket_refresh;
    await comeBack(browser, callback);
    expect(browser.cookies.docket_refresh).toBe(before);
  });
});

describe('the identity of somebody else', () => {
  async function taken() {
    const person = newPerson();
    const theirs = new AppBrowser(t);
    expect(await theirs.signIn('oidc', person)).toBe('/');
    const owner = await theirs.whoIs();
    return { person, owner };
  }

  test('stays theirs, and offers a merge to that session alone', async () => {
    const { person, owner } = await taken();
    const { user, browser, callback } = await returning(person);
    const location = await comeBack(browser, callback);
    expect(location).toMatch(
      /^\/settings\/security\?problem=provider\.identity_taken&provider=oidc#merge=/,
    );
    expect([await linksOf(user), await linksOf({ id: owner?.id ?? '' })]).toEqual([0, 1]);
    const token = location.split('#merge=')[1];
    const others = [await t.signIn(), await addSession(t.ctx, t.owner, user)];
    for (const as of others) {
      const answer = await t.call('POST', '/api/v1/users/me/merges/offers/view', {
        as,
        body: { token },
      });
      expect(outcomeOf(answer)).toBe('410 merge.offer_invalid');
    }
  });

  test.each([
    ['disabled', "UPDATE users SET status = 'disabled' WHERE id = $1"],
    ['deleted', 'UPDATE users SET deleted_at = now() WHERE id = $1'],
  ])('stays theirs where they are %s, and offers nothing', async (_, statement) => {
    const { person, owner } = await taken();
    await t.owner.query(statement, [owner?.id]);
    const { user, browser, callback } = await returning(person);
    expect(await comeBack(browser, callback)).toBe(refused('provider.account_unavailable'));
    expect(await linksOf(user)).toBe(0);
  });

  test('cannot be disconnected', async () => {
    const { owner } = await taken();
    const { rows } = await t.owner.query('SELECT id FROM user_auth_providers WHERE user_id = $1', [
      owner?.id,
    ]);
    const eve = await t.signIn();
    const path = `/api/v1/users/me/providers/${rows[0].id}`;
    const answer = await t.call('DELETE', path, { as: eve, body: { password: TEST_PASSWORD } });
    expect(outcomeOf(answer)).toBe('404 identity.not_found');
    expect(await linksOf({ id: owner?.id ?? '' })).toBe(1);
  });

  test('goes to one of two who connect it at once', async () => {
    const person = newPerson();
    const both = [await returning(person), await returning(person)];
    const locations = await Promise.all(
      both.map(({ browser, callback }) => comeBack(browser, callback)),
    );
    expect(locations.filter((location) => location === LINKED)).toHaveLength(1);
    expect(locations.filter((location) => location.includes('identity_taken'))).toHaveLength(1);
    expect(await linksOf(...both.map(({ user }) => user))).toBe(1);
  });
});

test('whoever has a stolen browser signed in long ago cannot connect their own identity', async () => {
  const user = await t.signIn();
  await t.owner.query(
    "UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1",
    [user.id],
  );
  const browser = browserOf(user);
  const headers = bearer((await browser.whoIs())?.accessToken ?? '');
  expect(outcomeOf(await browser.go('POST', LINK, { headers, body: {} }))).toBe(
    '401 fresh_sign_in.required',
  );
  const wrong = await browser.go('POST', LINK, { headers, body: { password: 'wrong' } });
  expect(outcomeOf(wrong)).toMatch(/^401 /);
});
