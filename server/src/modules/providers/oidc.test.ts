import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OidcServer, startOidcServer } from '../../../test/harness/oidc-server.ts';
import { signInAt } from '../../../test/harness/provider-browser.ts';
import { newSecrets, openProviders, PUBLIC_URL } from '../../../test/harness/providers.ts';

const ADA = {
  email: 'Ada@example.org',
  name: 'Ada Lovelace',
  subject: 'ada-1',
  picture: 'https://example.org/ada.png',
};
const open: OidcServer[] = [];

async function start(options: Partial<Parameters<typeof startOidcServer>[0]> = {}) {
  const server = await startOidcServer({ publicUrl: PUBLIC_URL, ...options });
  open.push(server);
  return server;
}

afterAll(() => Promise.all(open.map((server) => server.close())));

describe('a certified OpenID provider', () => {
  let server: OidcServer;
  beforeAll(async () => {
    server = await start();
  });

  test('says who somebody is', async () => {
    const { providers, counted } = openProviders(server.settings);
    const secrets = newSecrets();
    const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
    const callback = await signInAt(url, ADA);
    expect(callback.href).toMatch(`${PUBLIC_URL}/api/v1/auth/oidc/callback?`);
    expect(await providers.identify('oidc', callback, secrets)).toEqual({
      provider: 'oidc',
      issuer: server.issuer,
      subject: 'ada-1',
      email: 'Ada@example.org',
      isEmailProven: true,
      name: 'Ada Lovelace',
      pictureUrl: 'https://example.org/ada.png',
    });
    expect(counted('oidc', 'success')).toBe(1);
  });

  test('does not prove an address that it does not vouch for', async () => {
    const { providers } = openProviders(server.settings);
    const secrets = newSecrets();
    const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
    const callback = await signInAt(url, { ...ADA, emailVerified: false });
    const identity = await providers.identify('oidc', callback, secrets);
    expect(identity).toMatchObject({ email: 'Ada@example.org', isEmailProven: false });
  });

  test('is asked with PKCE, state and nonce, and anew where that is wanted', async () => {
    const { providers } = openProviders(server.settings);
    const secrets = newSecrets();
    const parametersOf = async (isFresh: boolean) =>
      (await providers.authorizationUrl('oidc', secrets, { isFresh })).searchParams;
    const parameters = await parametersOf(false);
    expect(Object.fromEntries(parameters)).toEqual({
      client_id: 'docket',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      nonce: secrets.nonce,
      redirect_uri: `${PUBLIC_URL}/api/v1/auth/oidc/callback`,
      response_type: 'code',
      scope: 'openid email profile',
      state: secrets.state,
    });
    expect(parameters.toString()).not.toContain(secrets.codeVerifier);
    expect((await parametersOf(true)).get('prompt')).toBe('login');
  });

  test.each([
    ['state', { state: 'another' }],
    ['nonce', { nonce: 'another' }],
    ['verifier of PKCE', { codeVerifier: 'another'.repeat(7) }],
  ])('is not believed with another %s', async (_, other) => {
    const { providers, counted } = openProviders(server.settings);
    const secrets = newSecrets();
    const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
    const callback = await signInAt(url, ADA);
    await expect(
      providers.identify('oidc', callback, { ...secrets, ...other }),
    ).rejects.toMatchObject({ code: 'provider.answer_invalid' });
    expect(counted('oidc', 'answer_invalid')).toBe(1);
  });

  test('is not believed where it does not say that it is the one', async () => {
    const { providers } = openProviders(server.settings);
    for (const change of [
      (query: URLSearchParams) => query.delete('iss'),
      (query: URLSearchParams) => query.set('iss', 'https://accounts.google.com'),
      (query: URLSearchParams) => query.append('iss', server.issuer),
      (query: URLSearchParams) => query.append('code', 'another'),
      (query: URLSearchParams) => query.set('response', 'x.y.z'),
      (query: URLSearchParams) => query.set('id_token', 'x.y.z'),
      (query: URLSearchParams) => query.delete('code'),
    ]) {
      const secrets = newSecrets();
      const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
      const callback = await signInAt(url, ADA);
      change(callback.searchParams);
      await expect(providers.identify('oidc', callback, secrets)).rejects.toMatchObject({
        code: 'provider.answer_invalid',
      });
    }
  });

  test('tells that somebody cancelled, and nothing of that is believed without the state', async () => {
    const { providers, lastLine } = openProviders(server.settings);
    const secrets = newSecrets();
    const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
    const callback = await signInAt(url, null);
    await expect(providers.identify('oidc', callback, newSecrets())).rejects.toMatchObject({
      code: 'provider.answer_invalid',
    });
    await expect(providers.identify('oidc', callback, secrets)).rejects.toMatchObject({
      code: 'provider.cancelled',
    });
    expect(lastLine()).toMatchObject({
      level: 'info',
      provider: 'oidc',
      code: 'provider.cancelled',
      reason: 'access_denied',
    });
  });

  test('hands out nothing that is logged', async () => {
    const sent: string[] = [];
    const { providers, logged } = openProviders(server.settings, {
      async fetch(url, options) {
        const response = await fetch(url, options);
        if (url.includes('/token')) {
          const body = (await response.clone().json()) as Record<string, string>;
          sent.push(...[body.access_token, body.id_token].filter((token) => token !== undefined));
        }
        return response;
      },
    });
    for (const other of [{}, { nonce: 'another' }]) {
      const secrets = newSecrets();
      const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
      const callback = await signInAt(url, ADA);
      await providers
        .identify('oidc', callback, { ...secrets, ...other })
        .catch(({ cause }) => expect(cause).toBeUndefined());
      sent.push(...Object.values(secrets), callback.searchParams.get('code') ?? '');
    }
    expect(sent).toHaveLength(12);
    expect(logged()).toContain('provider.answer_invalid');
    for (const secret of sent) expect(logged()).not.toContain(secret);
    expect(logged()).not.toContain('example.org');
  });
});

test('a public client needs no secret', async () => {
  const { settings } = await start({ isPublicClient: true });
  const { providers } = openProviders(settings);
  const secrets = newSecrets();
  const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
  const callback = await signInAt(url, ADA);
  expect(await providers.identify('oidc', callback, secrets)).toMatchObject({ subject: 'ada-1' });
});

test('where the ID token has no address, it is asked for', async () => {
  const { settings } = await start({ claimsIn: 'userinfo' });
  const { providers } = openProviders(settings);
  const secrets = newSecrets();
  const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
  const callback = await signInAt(url, ADA);
  expect(await providers.identify('oidc', callback, secrets)).toMatchObject({
    subject: 'ada-1',
    email: 'Ada@example.org',
    isEmailProven: true,
    name: 'Ada Lovelace',
  });
});

test('a wrong secret is named in the log', async () => {
  const { settings } = await start();
  const { providers, lastLine } = openProviders({ ...settings, OIDC_CLIENT_SECRET: 'wrong' });
  const secrets = newSecrets();
  const url = await providers.authorizationUrl('oidc', secrets, { isFresh: false });
  const callback = await signInAt(url, ADA);
  await expect(providers.identify('oidc', callback, secrets)).rejects.toMatchObject({
    code: 'provider.answer_invalid',
  });
  expect(lastLine()).toMatchObject({ level: 'warn', reason: 'invalid_client' });
});
