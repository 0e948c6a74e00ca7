import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ISSUER_CLIENT_ID,
  type IssuerBehaviour,
  type IssuerServer,
  startIssuerServer,
} from '../../../test/harness/issuer-server.ts';
import { identifyWith, openProviders } from '../../../test/harness/providers.ts';
import { until } from '../../../test/harness/until.ts';

const ADA = { sub: 'ada-1', email: 'ada@example.org', email_verified: true, name: 'Ada' };

let server: IssuerServer;
beforeAll(async () => {
  server = await startIssuerServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.behave({ claims: ADA });
  server.requests.length = 0;
});

/** How a sign-in ends with an issuer that behaves so. */
async function outcomeOf(behaviour: IssuerBehaviour) {
  server.behave({ claims: ADA, ...behaviour });
  const opened = openProviders(server.settings);
  const identity = await identifyWith(opened, 'oidc').catch((error) => error);
  return { identity, code: identity.code, reason: opened.lastLine().reason };
}

test('an issuer that does everything right is believed', async () => {
  const { identity } = await outcomeOf({});
  expect(identity).toMatchObject({ subject: 'ada-1', email: 'ada@example.org', name: 'Ada' });
});

describe('no answer is believed', () => {
  test.each(['none', 'client-secret', 'another-key', 'unknown-key'] as const)(
    'with a token signed by: %s',
    async (signature) => {
      const { code } = await outcomeOf({ signature });
      expect(code).toBe('provider.answer_invalid');
    },
  );

  test.each(['none', 'client-secret'] as const)(
    'with a token signed by: %s, even if the issuer says that it does so',
    async (signature) => {
      const { code, reason } = await outcomeOf({
        signature,
        alterMetadata(metadata) {
          metadata.id_token_signing_alg_values_supported = ['none', 'HS256', 'RS256'];
        },
      });
      expect({ code, reason }).toEqual({
        code: 'provider.answer_invalid',
        reason: 'OAUTH_UNSUPPORTED_OPERATION',
      });
    },
  );

  test.each([
    ['nonce', undefined],
    ['nonce', 'another'],
    ['aud', 'another client'],
    ['aud', undefined],
    ['aud', [ISSUER_CLIENT_ID, 'another client']],
    ['iss', 'https://accounts.google.com'],
    ['iss', undefined],
    ['exp', Math.floor(Date.now() / 1000) - 60],
    ['exp', undefined],
    ['exp', '4102444800'],
    ['iat', undefined],
    ['nbf', Math.floor(Date.now() / 1000) + 60],
  ])('with %s %j in the token', async (claim, value) => {
    const { code, reason } = await outcomeOf({
      alterIdToken: ({ payload }) => void Object.assign(payload, { [claim]: value }),
    });
    expect(code).toBe('provider.answer_invalid');
    expect(reason).toMatch(
      /^OAUTH_(INVALID_RESPONSE|JWT_CLAIM_COMPARISON_FAILED|JWT_TIMESTAMP_CHECK_FAILED)/,
    );
  });

  test.each([undefined, null, '', 0, 7, {}, ['ada'], 'a\nb', 'x'.repeat(10_000)])(
    'about the subject %j',
    async (sub) => {
      const { code } = await outcomeOf({ claims: { ...ADA, sub } });
      expect(code).toBe('provider.answer_invalid');
    },
  );

  test('without an ID token', async () => {
    const { code } = await outcomeOf({
      alterTokenAnswer: ({ body }) => void delete (body as Record<string, unknown>).id_token,
    });
    expect(code).toBe('provider.answer_invalid');
  });

  test('that refuses the code', async () => {
    const { code, reason } = await outcomeOf({
      alterTokenAnswer: (answer) =>
        void Object.assign(answer, { statusCode: 400, body: { error: 'invalid_grant' } }),
    });
    expect({ code, reason }).toEqual({ code: 'provider.answer_invalid', reason: 'invalid_grant' });
  });

  test.each([
    ['not JSON', 200, 'text/html', '<html>'],
    ['no object', 200, 'application/json', '[]'],
    ['empty', 200, 'application/json', ''],
    ['huge', 200, 'application/json', `"${'x'.repeat(2_000_000)}"`],
    ['a redirect', 302, 'application/json', '{}'],
  ])('of the token endpoint that is %s', async (_, status, type, body) => {
    const { code } = await outcomeOf({
      intercept(request, response) {
        if (request.url !== '/token') return false;
        response.writeHead(status, { 'content-type': type, location: '/token2' }).end(body);
        return true;
      },
    });
    expect(code).toBe('provider.answer_invalid');
    expect(server.requests).not.toContain('/token2');
  });
});

describe('an address that the ID token lacks', () => {
  const { email, email_verified, ...rest } = ADA;
  const claims = { ...rest, email: undefined, email_verified: undefined };

  test('is taken from userinfo, with what is said there about it', async () => {
    const told = await outcomeOf({ claims, userinfo: { email, email_verified } });
    expect(told.identity).toMatchObject({ email, isEmailProven: true, name: 'Ada' });
    const claiming = { ...claims, email_verified: true };
    const mixed = await outcomeOf({ claims: claiming, userinfo: { email: 'eve@example.org' } });
    expect(mixed.identity).toMatchObject({ email: 'eve@example.org', isEmailProven: false });
  });

  test('is not taken from what is said about somebody else', async () => {
    const { code } = await outcomeOf({ claims, userinfo: { sub: 'eve-1', email } });
    expect(code).toBe('provider.answer_invalid');
  });

  test('stays absent where there is no userinfo', async () => {
    const { identity } = await outcomeOf({
      claims,
      alterMetadata: (metadata) => void delete metadata.userinfo_endpoint,
    });
    expect(identity).toMatchObject({ subject: 'ada-1', email: null, isEmailProven: false });
  });

  test('is not looked for where it is there', async () => {
    await outcomeOf({ userinfo: { email: 'eve@example.org' } });
    expect(server.requests).not.toContain('/userinfo');
  });
});

test.each(['true', 1, 'yes', null, undefined])(
  'an address with email_verified %j is not proven',
  async (value) => {
    const { identity } = await outcomeOf({ claims: { ...ADA, email_verified: value } });
    expect(identity).toMatchObject({ email: 'ada@example.org', isEmailProven: false });
  },
);

describe('keys', () => {
  test('are asked for once for many sign-ins, and again where a token names another', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const opened = openProviders(server.settings);
      const keyRequests = () => server.requests.filter((path) => path === '/jwks').length;
      for (let i = 0; i < 3; i++) await identifyWith(opened, 'oidc');
      expect(keyRequests()).toBe(1);
      await server.rotateKeys();
      // Whoever makes up keys does not make us ask each time.
      await expect(identifyWith(opened, 'oidc')).rejects.toThrow();
      expect(keyRequests()).toBe(1);
      vi.setSystemTime(Date.now() + 60_000);
      expect(await identifyWith(opened, 'oidc')).toMatchObject({ subject: 'ada-1' });
      expect(keyRequests()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('an issuer that is away', () => {
  const DISCOVERY = '/.well-known/openid-configuration';

  test('is listed as such at once, costs nothing, and comes back', async () => {
    let nowMs = 0;
    const { providers } = openProviders(server.settings, { now: () => nowMs });
    const begin = () => {
      const secrets = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) };
      return providers.authorizationUrl('oidc', secrets, { isFresh: false });
    };
    await server.setDown(true);
    expect(await providers.list()).toEqual([
      { name: 'oidc', label: 'single sign-on', icon_url: null, is_available: false },
    ]);
    await expect(begin()).rejects.toMatchObject({ code: 'provider.unavailable' });
    await server.setDown(false);
    await expect(begin()).rejects.toMatchObject({ code: 'provider.unavailable' });
    expect(server.requests).toEqual([]);
    nowMs = 30_000;
    expect((await begin()).href).toContain(`${server.issuer}/authorize?`);
    expect(await providers.list()).toMatchObject([{ is_available: true }]);
  });

  test('and silent is waited for a second by the list', async () => {
    server.behave({ delayMs: 3000 });
    const { providers } = openProviders(server.settings);
    const startedAtMs = performance.now();
    expect(await providers.list()).toMatchObject([{ is_available: false }]);
    expect(performance.now() - startedAtMs).toBeLessThan(2500);
    const againAtMs = performance.now();
    expect(await providers.list()).toMatchObject([{ is_available: false }]);
    expect(performance.now() - againAtMs).toBeLessThan(500);
  });

  test.each([
    ['500', 500, '{}'],
    ['a redirect', 302, '{}'],
    ['not JSON', 200, '<html>'],
    ['huge', 200, JSON.stringify({ issuer: 'x'.repeat(2_000_000) })],
    ['another issuer', 200, JSON.stringify({ issuer: 'https://accounts.google.com' })],
    ['no metadata', 200, '{}'],
  ])('is one whose description of itself is %s', async (_, status, body) => {
    const { providers, logged } = openProviders(server.settings);
    server.behave({
      intercept(_, response) {
        response
          .writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' })
          .end(body);
        return true;
      },
    });
    expect(await providers.list()).toMatchObject([{ is_available: false }]);
    await expect(identifyWith({ providers }, 'oidc')).rejects.toMatchObject({
      code: 'provider.unavailable',
    });
    expect(server.requests).toEqual([DISCOVERY]);
    expect(logged()).toContain('the sign-in provider cannot be used');
  });

  test.each(['http://login.example.org/authorize', 'javascript:alert(1)', undefined])(
    'is one that sends browsers to %s',
    async (address) => {
      server.behave({
        alterMetadata: (metadata) =>
          void Object.assign(metadata, { authorization_endpoint: address }),
      });
      const { providers } = openProviders(server.settings);
      expect(await providers.list()).toMatchObject([{ is_available: false }]);
    },
  );

  test.each(['/token', '/jwks'])('at %s is told from one that lies', async (path) => {
    let nowMs = 0;
    const opened = openProviders(server.settings, { now: () => nowMs });
    const { providers } = opened;
    expect(await providers.list()).toMatchObject([{ is_available: true }]);
    server.behave({
      claims: ADA,
      intercept(request, response) {
        if (request.url !== path) return false;
        response.writeHead(503).end();
        return true;
      },
    });
    await expect(identifyWith(opened, 'oidc')).rejects.toMatchObject({
      code: 'provider.unavailable',
    });
    expect(opened.counted('oidc', 'unavailable')).toBe(1);
    expect(await providers.list()).toMatchObject([{ is_available: false }]);
    nowMs = 30_000;
    await until(async () => (await providers.list())[0]?.is_available === true);
  });
});

test('an issuer that is not quite the configured one is told to the operator, with both', async () => {
  const { OIDC_ISSUER: issuer = '' } = server.settings;
  const opened = openProviders({ ...server.settings, OIDC_ISSUER: `${issuer}/realms/one` });
  server.behave({
    intercept(_, response) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ issuer: `${issuer}/realms/one/` }));
      return true;
    },
  });
  expect(await opened.providers.list()).toMatchObject([{ is_available: false }]);
  expect(opened.lastLine()).toMatchObject({
    level: 'warn',
    msg: 'the sign-in provider cannot be used',
    provider: 'oidc',
    issuer: `${issuer}/realms/one`,
    calls_itself: `${issuer}/realms/one/`,
    reason: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED issuer',
  });
});

test('an issuer with a slash at its end is found, and kept as it names itself', async () => {
  const other = await startIssuerServer(`${server.url}/realms/one/`);
  try {
    other.behave({ claims: ADA });
    const fetchThere: typeof fetch = (input, init) =>
      fetch(String(input).replace(server.url, other.url), init);
    const opened = openProviders(other.settings, { fetch: fetchThere });
    expect(await identifyWith(opened, 'oidc', fetchThere)).toMatchObject({
      issuer: `${server.url}/realms/one/`,
    });
  } finally {
    await other.close();
  }
});
