import { expect, test } from 'vitest';
import { newSecrets, openProviders, PUBLIC_URL } from '../../../test/harness/providers.ts';

const ALL = {
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'secret',
  GITHUB_CLIENT_ID: 'id',
  GITHUB_CLIENT_SECRET: 'secret',
  MICROSOFT_CLIENT_ID: 'id',
  MICROSOFT_CLIENT_SECRET: 'secret',
  OIDC_ISSUER: 'https://login.example.org',
  OIDC_CLIENT_ID: 'id',
  OIDC_LABEL: 'Example',
};
const away = { fetch: () => Promise.reject(new TypeError('fetch failed')) };

test('without settings there is none', async () => {
  const { providers } = openProviders({});
  expect(await providers.list()).toEqual([]);
  expect(providers.has('google')).toBe(false);
});

test('each that has settings is listed with its name', async () => {
  const { providers } = openProviders(ALL, away);
  expect(await providers.list()).toMatchObject([
    { name: 'google', label: 'Google' },
    { name: 'github', label: 'GitHub' },
    { name: 'microsoft', label: 'Microsoft' },
    { name: 'oidc', label: 'Example' },
  ]);
  expect(providers.has('oidc')).toBe(true);
});

test('one that is away is no reason for another to be', async () => {
  const { providers } = openProviders(ALL, away);
  const available = (await providers.list()).map(({ is_available }) => is_available);
  expect(available).toEqual([false, true, false, false]);
});

test('nobody signs in with one that is not there', async () => {
  const { providers } = openProviders({}, away);
  const callback = new URL(`${PUBLIC_URL}/api/v1/auth/google/callback?code=1&state=2`);
  await expect(
    providers.authorizationUrl('google', newSecrets(), { isFresh: false }),
  ).rejects.toMatchObject({ code: 'provider.not_found' });
  await expect(providers.identify('google', callback, newSecrets())).rejects.toMatchObject({
    code: 'provider.not_found',
  });
});

test.each([
  ['access_denied', 'provider.cancelled'],
  ['login_required', 'provider.cancelled'],
  ['consent_required', 'provider.cancelled'],
  ['server_error', 'provider.unavailable'],
  ['temporarily_unavailable', 'provider.unavailable'],
  ['invalid_scope', 'provider.answer_invalid'],
  ['<script>alert(1)</script>', 'provider.answer_invalid'],
  ['x'.repeat(1000), 'provider.answer_invalid'],
])('the error %s of a provider means %s', async (error, code) => {
  const { providers, logged } = openProviders(ALL, away);
  const secrets = newSecrets();
  const callback = new URL(`${PUBLIC_URL}/api/v1/auth/github/callback`);
  callback.search = String(
    new URLSearchParams({ error, state: secrets.state, error_description: 'ada@example.org' }),
  );
  await expect(providers.identify('github', callback, secrets)).rejects.toMatchObject({ code });
  expect(logged()).not.toMatch(/<script>|x{100}|ada@/);
});

test('an outage that only a browser tells of keeps nobody from signing in', async () => {
  const { providers } = openProviders(ALL, away);
  const secrets = newSecrets();
  for (const error of ['server_error', 'temporarily_unavailable']) {
    const callback = new URL(`${PUBLIC_URL}/api/v1/auth/github/callback`);
    callback.search = String(new URLSearchParams({ error, state: secrets.state }));
    await providers.identify('github', callback, secrets).catch(() => undefined);
  }
  const github = (await providers.list()).find(({ name }) => name === 'github');
  expect(github?.is_available).toBe(true);
});

test('what a provider did not say is never a failure of the server', async () => {
  const { providers } = openProviders(ALL, away);
  for (const query of ['', '?', '?state', '?code=1', '?code=%00&state=%00', '?error', '?iss=//']) {
    const callback = new URL(`${PUBLIC_URL}/api/v1/auth/github/callback${query}`);
    await expect(providers.identify('github', callback, newSecrets())).rejects.toMatchObject({
      code: 'provider.answer_invalid',
    });
  }
});
