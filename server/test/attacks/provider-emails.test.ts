import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { addVerified } from '../harness/identities.ts';
import { type IssuerServer, startIssuerServer } from '../harness/issuer-server.ts';
import {
  AppBrowser,
  beMicrosoft,
  problem,
  TENANT,
  useProviderApp,
} from '../harness/provider-app.ts';
import { providerFetch } from '../harness/provider-fetch.ts';
import { addRole } from '../harness/roles.ts';

const MICROSOFT = 'https://login.microsoftonline.com';
const OTHER = '99999999-2222-3333-4444-555555555555';
const t = useProviderApp();
let subjects = 0;

afterEach(() => {
  t.servers.google.behave();
  beMicrosoft(t.servers.microsoft);
  t.servers.github.behave();
});

/** Somebody whom the provider does not know yet. */
function newSubject(): string {
  subjects += 1;
  return `somebody-${subjects}`;
}

/** Where a sign-in by the victim's address ends, in an account whose address they have proven. */
async function enterAsVictim(
  provider: 'google' | 'microsoft' | 'github' | 'oidc',
  behave: (email: string) => void,
  { at, fetch }: { at: TestApp; fetch: typeof globalThis.fetch } = {
    at: t,
    fetch: t.servers.fetch,
  },
) {
  const victim = await addVerified(t, { name: 'victim' });
  behave(victim.email);
  const browser = new AppBrowser(at, fetch);
  const person = { email: victim.email, subject: newSubject(), emailVerified: false };
  const location = await browser.signIn(provider, person);
  const found = await browser.whoIs();
  const { rows } = await t.owner.query('SELECT 1 FROM user_auth_providers WHERE user_id = $1', [
    victim.id,
  ]);
  return {
    location,
    isVictim: found?.id === victim.id,
    isSomebody: found !== null,
    links: rows.length,
  };
}

const NOTHING = { isVictim: false, isSomebody: false, links: 0 };

describe('Google', () => {
  const claims = (email: string, more: object) =>
    t.servers.google.behave({ claims: { sub: newSubject(), email, ...more } });

  test('with a verified address is the account of that address', async () => {
    const entered = await enterAsVictim('google', (email) =>
      claims(email, { email_verified: true }),
    );
    expect(entered).toEqual({ location: '/', isVictim: true, isSomebody: true, links: 1 });
  });

  test.each([
    ['false', false],
    ['the text "true"', 'true'],
    ['1', 1],
    ['a list', [true]],
    ['an object', { value: true }],
    ['missing', undefined],
    ['null', null],
  ])('proves no address with email_verified that is %s', async (_, email_verified) => {
    const entered = await enterAsVictim('google', (email) => claims(email, { email_verified }));
    expect(entered).toEqual({ location: problem('provider.link_required', 'google'), ...NOTHING });
  });

  test.each<[string, (email: string) => unknown]>([
    ['in a list', (email) => [email]],
    ['with another before it', (email) => `eve@evil.example,${email}`],
    ['with a line break after it', (email) => `${email}\nBcc: eve@evil.example`],
    ['with a comment', (email) => email.replace('@', '(eve)@')],
    ['with a letter that looks like another', (email) => email.replace('v', 'ν')],
    ['in an object', (email) => ({ toString: email })],
  ])('a verified address %s is nobody’s', async (_, crafted) => {
    const entered = await enterAsVictim('google', (email) =>
      claims(email, { email: crafted(email), email_verified: true }),
    );
    expect(entered).toMatchObject({ isVictim: false, links: 0 });
  });
});

test('an OpenID provider that does not vouch for an address opens no account', async () => {
  expect(await enterAsVictim('oidc', () => undefined)).toEqual({
    location: problem('provider.link_required'),
    ...NOTHING,
  });
});

describe('GitHub', () => {
  const row = (email: string, more: object) => ({
    email,
    primary: true,
    verified: true,
    visibility: 'public',
    ...more,
  });
  const behave = (emails: unknown, user: object = {}) =>
    t.servers.github.behave({
      user: { id: 1_000_000 + subjects, login: newSubject(), ...user },
      emails,
    });

  test('with a verified primary address is the account of that address', async () => {
    const entered = await enterAsVictim('github', (email) => behave([row(email, {})]));
    expect(entered).toEqual({ location: '/', isVictim: true, isSomebody: true, links: 1 });
  });

  test.each<[string, (email: string) => unknown]>([
    ['primary, not verified', (email) => [row(email, { verified: false })]],
    [
      'verified, not primary',
      (email) => [row('me@evil.example', { verified: false }), row(email, { primary: false })],
    ],
    ['primary, verified as text', (email) => [row(email, { verified: 'true' })]],
    ['verified, primary as number', (email) => [row(email, { primary: 1 })]],
    [
      'primary in one row, verified in another',
      (email) => [row(email, { verified: false }), row(email, { primary: false })],
    ],
  ])('proves no address that is %s', async (_, emails) => {
    expect(await enterAsVictim('github', (email) => behave(emails(email)))).toMatchObject({
      isVictim: false,
      links: 0,
    });
  });

  test('proves no address of the profile, which everybody writes as they like', async () => {
    const entered = await enterAsVictim('github', (email) => behave([], { email, verified: true }));
    expect(entered).toMatchObject({ isVictim: false, links: 0 });
  });

  test('proves nothing where addresses may not be read', async () => {
    const entered = await enterAsVictim('github', (email) =>
      t.servers.github.behave({
        user: { id: 1_500_000, email },
        emails: [row(email, {})],
        lacksEmailScope: true,
      }),
    );
    expect(entered).toMatchObject({ isVictim: false, links: 0 });
  });
});

describe('Microsoft', () => {
  const claims = (email: string, more: object) =>
    beMicrosoft(t.servers.microsoft, { claims: { sub: newSubject(), email, ...more } });

  test('with xms_edov is the account of that address', async () => {
    const entered = await enterAsVictim('microsoft', (email) => claims(email, { xms_edov: true }));
    expect(entered).toMatchObject({ location: '/', isVictim: true });
  });

  test.each([
    ['missing', undefined],
    ['false', false],
    ['0', 0],
    ['"0"', '0'],
    ['"false"', 'false'],
    ['an object', {}],
    ['a list', [true]],
  ])('proves no address of any tenant with xms_edov that is %s', async (_, xms_edov) => {
    const entered = await enterAsVictim('microsoft', (email) =>
      claims(email, {
        xms_edov,
        email_verified: true,
        verified_primary_email: [email],
        upn: email,
      }),
    );
    expect(entered).toEqual({
      location: problem('provider.link_required', 'microsoft'),
      ...NOTHING,
    });
  });

  test('proves no address by the name under which somebody signs in there', async () => {
    const entered = await enterAsVictim('microsoft', (email) =>
      claims(email, { email: undefined, preferred_username: email, upn: email, xms_edov: true }),
    );
    expect(entered).toMatchObject({ isVictim: false, links: 0 });
  });

  describe('of one tenant alone', () => {
    let microsoft: IssuerServer;
    let pinned: TestApp;
    beforeAll(async () => {
      microsoft = await startIssuerServer(`${MICROSOFT}/${TENANT}/v2.0`);
      pinned = await startTestApp(
        { ...t.servers.settings, MICROSOFT_TENANT: TENANT },
        { database: t.database, providerFetch: providerFetch({ [MICROSOFT]: microsoft.url }) },
      );
    });
    afterAll(async () => {
      await pinned?.close();
      await microsoft?.close();
    });
    const enter = (claims: object) =>
      enterAsVictim(
        'microsoft',
        (email) =>
          microsoft.behave({
            claims: { sub: newSubject(), tid: TENANT, email, xms_edov: true, ...claims },
          }),
        { at: pinned, fetch: providerFetch({ [MICROSOFT]: microsoft.url }) },
      );

    test('is believed about addresses', async () => {
      expect(await enter({ xms_edov: undefined })).toMatchObject({ isVictim: true });
    });

    test.each<[string, object]>([
      ['another', { tid: OTHER, iss: `${MICROSOFT}/${OTHER}/v2.0` }],
      ['another, by its own issuer', { tid: OTHER }],
      ['none', { tid: undefined }],
    ])('lets nobody in whose tenant is %s', async (_, claims) => {
      expect(await enter(claims)).toEqual({
        location: problem('provider.answer_invalid', 'microsoft'),
        ...NOTHING,
      });
    });
  });
});

test.each([
  ['the administrator', async () => 'admin'],
  ['somebody who sees users', () => addRole(t.owner, ['users:read'])],
  ['somebody who reads the audit log', () => addRole(t.owner, ['audit:read'])],
])('an address of %s opens no account, however well it is proven', async (_, roleOf) => {
  const role = await roleOf();
  for (const status of ['active', 'unverified'] as const) {
    const account = { name: 'root', roles: ['user', role], status };
    const admin = await (status === 'active' ? addVerified(t, account) : t.addAccount(account));
    const browser = new AppBrowser(t);
    const person = { email: admin.email.toUpperCase(), subject: newSubject() };
    expect(await browser.signIn('oidc', person)).toBe(problem('provider.local_sign_in_required'));
    expect(await browser.whoIs()).toBe(null);
    const { rows } = await t.owner.query(
      'SELECT password_hash IS NOT NULL AS has_password, status FROM users WHERE id = $1',
      [admin.id],
    );
    expect(rows).toEqual([{ has_password: true, status }]);
  }
});
