import { afterEach, describe, expect, test } from 'vitest';
import { ISSUER_CLIENT_ID, type IssuerBehaviour } from '../harness/issuer-server.ts';
import {
  AppBrowser,
  beMicrosoft,
  problem,
  TENANT,
  useProviderApp,
} from '../harness/provider-app.ts';

const t = useProviderApp();
const ADA = { sub: 'ada', email: 'ada@example.org', email_verified: true };
const REFUSED = problem('provider.answer_invalid', 'google');

afterEach(async () => {
  t.servers.google.behave();
  beMicrosoft(t.servers.microsoft);
  t.servers.github.behave();
});

async function signInWithGoogle(behaviour: IssuerBehaviour) {
  t.servers.google.behave({ claims: ADA, ...behaviour });
  const browser = new AppBrowser(t);
  const location = await browser.signIn('google');
  return { location, person: await browser.whoIs() };
}

async function counts() {
  const { rows } = await t.owner.query(
    `SELECT (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM users) AS users,
       (SELECT count(*) FROM user_auth_providers) AS identities`,
  );
  return rows[0];
}

/** Signs in with an answer that is not right; nothing may come of it. */
async function refusedBy(behaviour: IssuerBehaviour): Promise<string> {
  const before = await counts();
  const { location, person } = await signInWithGoogle(behaviour);
  expect([person, await counts()]).toEqual([null, before]);
  return location;
}

test('the answer that all of these change is believed', async () => {
  const { location, person } = await signInWithGoogle({});
  expect([location, person?.email]).toEqual(['/', ADA.email]);
});

const now = () => Math.floor(Date.now() / 1000);

describe('an ID token is refused', () => {
  test.each<[string, Record<string, unknown>]>([
    ['without nonce', { nonce: undefined }],
    ['with another nonce', { nonce: 'another' }],
    ['with a list of nonces', { nonce: ['another'] }],
    ['for another audience', { aud: 'somebody-else' }],
    ['without audience', { aud: undefined }],
    ['for others as well, and issued to another', { aud: [ISSUER_CLIENT_ID, 'b'], azp: 'b' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['of the issuer with a slash', { iss: 'https://accounts.google.com/' }],
    ['of the issuer by http', { iss: 'http://accounts.google.com' }],
    ['without issuer', { iss: undefined }],
    ['that has expired', { exp: now() - 60, iat: now() - 3600 }],
    ['without expiry', { exp: undefined }],
    ['with an expiry that is text', { exp: String(now() + 600) }],
    ['without time of issue', { iat: undefined }],
    ['that is not valid yet', { nbf: now() + 600 }],
  ])('%s', async (_, claims) => {
    expect(await refusedBy({ claims: { ...ADA, ...claims } })).toBe(REFUSED);
  });

  test.each(['none', 'client-secret', 'another-key', 'unknown-key'] as const)(
    'signed by: %s',
    async (signature) => {
      expect(await refusedBy({ signature })).toBe(REFUSED);
    },
  );

  test.each<[string, IssuerBehaviour['alterTokenAnswer']]>([
    ['left out', (answer) => change(answer.body, { id_token: undefined })],
    ['that is a number', (answer) => change(answer.body, { id_token: 7 })],
    ['that is empty', (answer) => change(answer.body, { id_token: '' })],
    ['that is no token', (answer) => change(answer.body, { id_token: 'a.b.c' })],
    ['encrypted for nobody', (answer) => change(answer.body, { id_token: 'a.b.c.d.e' })],
    ['of a megabyte', (answer) => change(answer.body, { id_token: 'a'.repeat(1 << 20) })],
  ])('%s', async (_, alterTokenAnswer) => {
    expect(await refusedBy({ ...(alterTokenAnswer && { alterTokenAnswer }) })).toBe(REFUSED);
  });

  test('whose header asks for what nobody here understands', async () => {
    const alterIdToken: IssuerBehaviour['alterIdToken'] = ({ header }) =>
      change(header, { crit: ['evil'], evil: true });
    expect(await refusedBy({ alterIdToken })).toBe(REFUSED);
  });

  test('whose header brings its own key', async () => {
    const alterIdToken: IssuerBehaviour['alterIdToken'] = ({ header }) =>
      change(header, {
        jku: 'https://evil.example/jwks',
        jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
      });
    expect(await refusedBy({ signature: 'another-key', alterIdToken })).toBe(REFUSED);
  });
});

function change(body: object | '', changes: object): void {
  if (body !== '') Object.assign(body, changes);
}

const SUBJECTS: [string, unknown][] = [
  ['left out', undefined],
  ['null', null],
  ['empty', ''],
  ['0', 0],
  ['a number', 12],
  ['true', true],
  ['an object', { id: 'ada' }],
  ['a list', ['ada']],
  ['10 kB', 'x'.repeat(10_000)],
  ['256 characters', 'x'.repeat(256)],
  ['a space', ' '],
  ['with a line break', 'ada\nadmin'],
  ['with a zero byte', 'ada\0'],
  ['with a letter that looks like another', 'аda'],
];

describe('nobody is somebody whose subject is', () => {
  test.each(SUBJECTS)('%s, at Google', async (_, sub) => {
    expect(await refusedBy({ claims: { ...ADA, sub } })).toBe(REFUSED);
  });

  test.each(SUBJECTS)('%s, at Microsoft', async (_, sub) => {
    const before = await counts();
    beMicrosoft(t.servers.microsoft, { claims: { sub } });
    const browser = new AppBrowser(t);
    expect(await browser.signIn('microsoft')).toBe(problem('provider.answer_invalid', 'microsoft'));
    expect(await counts()).toEqual(before);
  });

  test.each<[string, unknown]>([
    ...SUBJECTS.filter(([name]) => name !== 'a number'),
    ['text', '583231'],
    ['negative', -1],
    ['a fraction', 1.5],
    ['too large to be exact', 2 ** 53],
  ])('%s, at GitHub', async (_, id) => {
    const before = await counts();
    t.servers.github.behave({ user: { id } });
    const browser = new AppBrowser(t);
    expect(await browser.signIn('github')).toBe(problem('provider.answer_invalid', 'github'));
    expect(await counts()).toEqual(before);
  });
});

describe('at Microsoft', () => {
  const OTHER = '99999999-2222-3333-4444-555555555555';
  test.each<[string, Record<string, unknown>]>([
    ['without tenant', { tid: undefined }],
    ['whose tenant is not the issuer’s', { tid: OTHER }],
    ['whose tenant is a path', { tid: `${TENANT}/../${OTHER}` }],
    ['whose tenant is the pattern', { tid: '{tenantid}' }],
    ['of another authority', { iss: `https://evil.example/${TENANT}/v2.0` }],
  ])('an ID token is refused %s', async (_, claims) => {
    const before = await counts();
    beMicrosoft(t.servers.microsoft, { claims: { sub: 'ada', ...claims } });
    const browser = new AppBrowser(t);
    expect(await browser.signIn('microsoft')).toBe(problem('provider.answer_invalid', 'microsoft'));
    expect(await counts()).toEqual(before);
  });

  test('one subject in two tenants is two people', async () => {
    const ids = [];
    for (const tid of [TENANT, OTHER]) {
      const iss = `https://login.microsoftonline.com/${tid}/v2.0`;
      beMicrosoft(t.servers.microsoft, { claims: { sub: 'same', tid, iss } });
      const browser = new AppBrowser(t);
      expect(await browser.signIn('microsoft')).toBe('/');
      ids.push((await browser.whoIs())?.id);
    }
    expect(new Set(ids).size).toBe(2);
  });
});

test('one subject at two providers is two people', async () => {
  t.servers.google.behave({ claims: { sub: '583231', email: undefined } });
  const google = new AppBrowser(t);
  await google.signIn('google');
  t.servers.github.behave({ emails: [] });
  const github = new AppBrowser(t);
  await github.signIn('github');
  const [one, other] = [await google.whoIs(), await github.whoIs()];
  expect([one, other]).not.toContain(null);
  expect(one?.id).not.toBe(other?.id);
});
