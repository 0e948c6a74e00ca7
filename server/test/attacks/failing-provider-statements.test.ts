import { expect, test, vi } from 'vitest';
import { refreshCookie } from '../harness/accounts.ts';
import { addIdentity, addVerified, anIdentity } from '../harness/identities.ts';
import { AppBrowser, useProviderApp } from '../harness/provider-app.ts';
import { breakAtStatement } from '../harness/statements.ts';

const t = useProviderApp();
const PROBLEM =
  /^\/(login\/problem\?code|settings\/security\?problem)=database\.unavailable&provider=/;
let count = 0;

interface Return {
  browser: AppBrowser;
  callback: URL;
  /** Whose rows show what has been done. */
  email: string;
}

/** Somebody who is about to come back from the provider with a proven address. */
async function returningAs(email: string): Promise<Return> {
  const browser = new AppBrowser(t);
  const person = { email, subject: `subject of ${email}` };
  return { browser, callback: await browser.atProvider(await browser.begin(), person), email };
}

/** Somebody who is about to come back with an identity for their account. */
async function connecting(subject: string): Promise<Return> {
  const user = await t.signIn();
  const browser = new AppBrowser(t);
  const [name = '', value = ''] = refreshCookie(t.ctx, user).split('=');
  browser.cookies[name] = value;
  const path = '/api/v1/users/me/providers/oidc/link';
  const asked = await browser.go('POST', path, { as: user, body: {} });
  const person = { email: `${subject}@elsewhere.example`, subject };
  const callback = await browser.atProvider(asked.json().authorization_url, person);
  return { browser, callback, email: user.email };
}

/** Every way in which a callback ends well, and where. */
const RETURNS: [string, string, () => Promise<Return>][] = [
  ['who is new', '/', () => returningAs(`new-${count}@example.org`)],
  [
    'who takes an account over',
    '/',
    async () => returningAs((await t.addAccount({ status: 'unverified' })).email),
  ],
  ['who has an account', '/', async () => returningAs((await addVerified(t)).email)],
  [
    'who connects an identity',
    '/settings/security?linked=oidc',
    () => connecting(`connected-${count}`),
  ],
  [
    'who connects what is somebody else’s',
    '#merge=',
    async () => {
      const { issuer } = t.servers.oidc;
      const identity = anIdentity({ provider: 'oidc', issuer, subject: `taken-${count}` });
      await addIdentity(t.owner, (await t.addAccount()).id, identity);
      return connecting(identity.subject);
    },
  ],
];

/** Everything that a callback changes of an account. */
async function stateOf({ email }: Return): Promise<unknown> {
  const { rows } = await t.owner.query(
    `SELECT to_jsonb(users) AS account,
       (SELECT count(*)::int FROM sessions WHERE user_id = users.id AND ended_at IS NULL) AS sessions,
       (SELECT count(*)::int FROM user_auth_providers WHERE user_id = users.id) AS identities,
       (SELECT count(*)::int FROM merge_offers WHERE user_id = users.id) AS offers,
       (SELECT count(*)::int FROM audit_events WHERE user_id = users.id) AS events
     FROM users WHERE email = $1`,
    [email],
  );
  return rows;
}

test.each(RETURNS)(
  '%s › whichever statement the database fails, a page says so, and nothing is half done',
  async (_name, end, prepare) => {
    const locations: string[] = [];
    for (let at = 0; ; at++) {
      count += 1;
      const returning = await prepare();
      const { browser, callback } = returning;
      const before = await stateOf(returning);
      const cookies = { ...browser.cookies };
      const isBroken = await breakAtStatement(at, async () => {
        locations.push(await browser.comeBack(callback));
      });
      if (!isBroken) break;
      expect([at, locations.at(-1)]).toEqual([at, expect.stringMatching(PROBLEM)]);
      expect(browser.cookies).toEqual(cookies);
      expect([at, await stateOf(returning)]).toEqual([at, before]);
    }
    expect(locations.length).toBeGreaterThan(5);
    expect(locations.at(-1)).toContain(end);
  },
  120_000,
);

test('a button whose database fails leads to a page that says so', async () => {
  for (let at = 0; ; at++) {
    let url: URL | undefined;
    const isBroken = await breakAtStatement(at, async () => {
      url = await new AppBrowser(t).begin();
    });
    if (!isBroken) break;
    expect(`${url?.pathname}${url?.search}`).toMatch(PROBLEM);
  }
});

test.each([
  ['what the provider says', () => vi.spyOn(t.ctx.providers, 'identify')],
  ['the cookie of the session', () => vi.spyOn(t.ctx.refreshCookie, 'read')],
  ['what the flow is', () => vi.spyOn(t.ctx.db, 'run')],
  ['what follows from it', () => vi.spyOn(t.ctx.db, 'transaction')],
] as const)('a defect in %s is a failure, not a pass', async (_name, spyOn) => {
  count += 1;
  const returning = await connecting(`defect-${count}`);
  const before = await stateOf(returning);
  const broken = spyOn().mockImplementation(() => {
    throw new Error('injected');
  });
  const outcome = await returning.browser.comeBack(returning.callback);
  broken.mockRestore();
  expect(outcome).toBe('500');
  expect(await stateOf(returning)).toEqual(before);
});
