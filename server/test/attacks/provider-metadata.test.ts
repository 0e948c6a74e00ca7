import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import {
  type IssuerBehaviour,
  type IssuerServer,
  startIssuerServer,
} from '../harness/issuer-server.ts';
import { AppBrowser, problem } from '../harness/provider-app.ts';

const ADA = { sub: 'ada', email: 'ada@example.org', email_verified: true };
const REFUSED = problem('provider.answer_invalid');
const UNAVAILABLE = problem('provider.unavailable');
let issuer: IssuerServer;
let database: TestDatabase;
const open: TestApp[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  issuer = await startIssuerServer();
});
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});
afterAll(async () => {
  await issuer?.close();
  await database?.drop();
});

/** A server that has read nothing of the issuer yet, and where a sign-in there ends. */
async function signInWith(behaviour: IssuerBehaviour) {
  issuer.behave({ claims: ADA, ...behaviour });
  const app = await startTestApp(issuer.settings, { database });
  open.push(app);
  const browser = new AppBrowser(app);
  const address = await browser.begin();
  if (!address.href.startsWith(issuer.url)) return { location: path(address), person: null };
  const location = await browser.comeBack(await browser.atProvider(address));
  return { location, person: await browser.whoIs() };
}

function path({ pathname, search }: URL): string {
  return pathname + search;
}

async function outcomeOf(behaviour: IssuerBehaviour): Promise<string> {
  const { location, person } = await signInWith(behaviour);
  if (location !== '/') expect(person).toBe(null);
  return location;
}

test('the issuer that all of these change is believed', async () => {
  const { location, person } = await signInWith({});
  expect([location, person?.email]).toEqual(['/', ADA.email]);
});

describe('what an issuer publishes opens no way in: ID tokens signed', () => {
  test.each(['none', 'client-secret'] as const)('by %s, which it announces', async (signature) => {
    const alterMetadata = (metadata: Record<string, unknown>) => {
      metadata.id_token_signing_alg_values_supported = ['none', 'HS256', 'RS256'];
    };
    expect(await outcomeOf({ signature, alterMetadata })).toBe(REFUSED);
  });

  test.each(['none', 'client-secret'] as const)(
    'by %s, which it alone announces',
    async (signature) => {
      const alterMetadata = (metadata: Record<string, unknown>) => {
        metadata.id_token_signing_alg_values_supported = [signature === 'none' ? 'none' : 'HS256'];
      };
      expect(await outcomeOf({ signature, alterMetadata })).toBe(REFUSED);
    },
  );

  test('by a key that is a secret, published as such', async () => {
    const behaviour: IssuerBehaviour = {
      signature: 'client-secret',
      intercept(request, response) {
        if (!request.url?.startsWith('/jwks')) return false;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS256', k: 'c2VjcmV0' }] }));
        return true;
      },
    };
    expect(await outcomeOf(behaviour)).toBe(REFUSED);
  });

  test('by a key whose list has no end', async () => {
    const behaviour: IssuerBehaviour = {
      intercept(request, response) {
        if (!request.url?.startsWith('/jwks')) return false;
        response.setHeader('content-type', 'application/json');
        response.end(`{"keys":[${'{},'.repeat(400_000)}{}]}`);
        return true;
      },
    };
    expect(await outcomeOf(behaviour)).toBe(REFUSED);
  });
});

describe('an issuer is not used', () => {
  test.each<[string, (metadata: Record<string, unknown>) => void]>([
    [
      'that calls itself another',
      (metadata) => change(metadata, { issuer: 'https://evil.example' }),
    ],
    ['that has no name', (metadata) => change(metadata, { issuer: undefined })],
    [
      'whose page for signing in is not safe',
      (metadata) => change(metadata, { authorization_endpoint: 'http://evil.example/authorize' }),
    ],
    [
      'whose page for signing in is a script',
      (metadata) => change(metadata, { authorization_endpoint: 'javascript:alert(1)' }),
    ],
    [
      'without a page for signing in',
      (metadata) => change(metadata, { authorization_endpoint: undefined }),
    ],
  ])('%s', async (_, alterMetadata) => {
    expect(await outcomeOf({ alterMetadata })).toBe(UNAVAILABLE);
  });

  test.each<[string, (metadata: Record<string, unknown>) => void]>([
    [
      'whose tokens come from an address that is not safe',
      (metadata) => change(metadata, { token_endpoint: 'http://evil.example/token' }),
    ],
    [
      'whose tokens come from a file',
      (metadata) => change(metadata, { token_endpoint: 'file:///etc/passwd' }),
    ],
    [
      'whose keys come from an address that is not safe',
      (metadata) => change(metadata, { jwks_uri: 'http://evil.example/jwks' }),
    ],
    ['without keys', (metadata) => change(metadata, { jwks_uri: undefined })],
  ])('%s', async (_, alterMetadata) => {
    expect([REFUSED, UNAVAILABLE]).toContain(await outcomeOf({ alterMetadata }));
  });
});

function change(target: Record<string, unknown>, changes: Record<string, unknown>): void {
  Object.assign(target, changes);
}

describe('with an issuer that announces to name itself in its answer', () => {
  const announce = (metadata: Record<string, unknown>) => {
    metadata.authorization_response_iss_parameter_supported = true;
  };

  test('an answer that does so is believed', async () => {
    const alterCallback = (url: URL) => url.searchParams.set('iss', issuer.issuer);
    expect(await outcomeOf({ alterMetadata: announce, alterCallback })).toBe('/');
  });

  test.each<[string, ((url: URL) => void) | null]>([
    ['without the name', null],
    ['of another', (url) => url.searchParams.set('iss', 'https://evil.example')],
    ['of another that begins like it', (url) => url.searchParams.set('iss', `${issuer.issuer}/x`)],
    ['with an empty name', (url) => url.searchParams.set('iss', '')],
  ])('an answer %s is not', async (_, alterCallback) => {
    const behaviour = { alterMetadata: announce, ...(alterCallback && { alterCallback }) };
    expect(await outcomeOf(behaviour)).toBe(REFUSED);
  });
});

test('an answer of another issuer is refused even where none was announced', async () => {
  const alterCallback = (url: URL) => url.searchParams.set('iss', 'https://evil.example');
  expect(await outcomeOf({ alterCallback })).toBe(REFUSED);
});

describe('userinfo', () => {
  const WITHOUT_EMAIL = { sub: 'ada', email: undefined, email_verified: undefined };

  test('about the same subject tells the address', async () => {
    const userinfo = { email: 'ada@example.org', email_verified: true };
    const { person } = await signInWith({ claims: WITHOUT_EMAIL, userinfo });
    expect(person?.email).toBe('ada@example.org');
  });

  test.each<[string, Record<string, unknown>]>([
    ['about another subject', { sub: 'eve', email: 'ada@example.org', email_verified: true }],
    ['about nobody', { sub: undefined, email: 'ada@example.org', email_verified: true }],
    [
      'about an object',
      { sub: { toString: 'ada' }, email: 'ada@example.org', email_verified: true },
    ],
  ])('%s is not believed', async (_, answer) => {
    const alterUserinfo: IssuerBehaviour['alterUserinfo'] = ({ body }) =>
      void Object.assign(body, answer);
    expect(await outcomeOf({ claims: WITHOUT_EMAIL, alterUserinfo })).toBe(REFUSED);
  });

  test('proves no address that stands in the ID token', async () => {
    await signInWith({});
    const claims = { sub: 'mallory', email: 'ada@example.org', email_verified: false };
    const userinfo = { email: 'ada@example.org', email_verified: true };
    expect(await outcomeOf({ claims, userinfo })).toBe(problem('provider.link_required'));
  });

  test('cannot change who somebody is or at which issuer', async () => {
    const userinfo = {
      iss: 'https://evil.example',
      email: 'iss@example.org',
      email_verified: true,
    };
    const { location, person } = await signInWith({
      claims: { ...WITHOUT_EMAIL, sub: 'iss' },
      userinfo,
    });
    expect(location).toBe('/');
    const kept = await open[0]?.owner.query(
      'SELECT issuer, subject FROM user_auth_providers WHERE user_id = $1',
      [person?.id],
    );
    expect(kept?.rows).toEqual([{ issuer: issuer.issuer, subject: 'iss' }]);
  });
});
