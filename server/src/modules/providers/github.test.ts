import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type GithubBehaviour,
  type GithubServer,
  startGithubServer,
} from '../../../test/harness/github-server.ts';
import { providerFetch } from '../../../test/harness/provider-fetch.ts';
import { identifyWith, newSecrets, openProviders } from '../../../test/harness/providers.ts';

let server: GithubServer;
let fetchThere: typeof fetch;
beforeAll(async () => {
  server = await startGithubServer();
  fetchThere = providerFetch(server.targets);
});
afterAll(() => server.close());
beforeEach(() => {
  server.behave();
  server.requests.length = 0;
});

const openGithub = (settings = {}) =>
  openProviders({ ...server.settings, ...settings }, { fetch: fetchThere });
const identify = (behaviour: GithubBehaviour) => {
  server.behave(behaviour);
  return identifyWith(openGithub(), 'github', fetchThere);
};
const row = (email: string, primary: boolean, verified: boolean) => ({
  email,
  primary,
  verified,
  visibility: null,
});

test('GitHub says who somebody is', async () => {
  const opened = openGithub();
  expect(await identifyWith(opened, 'github', fetchThere)).toEqual({
    provider: 'github',
    issuer: 'https://github.com',
    subject: '583231',
    email: 'octocat@github.com',
    isEmailProven: true,
    name: 'The Octocat',
    pictureUrl: 'https://avatars.githubusercontent.com/u/583231?v=4',
  });
  for (const token of server.tokens) expect(opened.logged()).not.toContain(token);
});

test('an Enterprise Server is asked below its own address', async () => {
  const opened = openGithub({ GITHUB_URL: server.url });
  const identity = await identifyWith(opened, 'github');
  expect(identity).toMatchObject({ issuer: server.url, subject: '583231' });
});

test('GitHub is asked with PKCE and state, and to choose an account where that is wanted', async () => {
  const secrets = newSecrets();
  const { providers } = openGithub();
  const url = await providers.authorizationUrl('github', secrets, { isFresh: true });
  expect(url.href.split('?', 1)).toEqual(['https://github.com/login/oauth/authorize']);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    scope: 'read:user user:email',
    state: secrets.state,
    code_challenge_method: 'S256',
    prompt: 'select_account',
  });
  expect(url.searchParams.has('nonce')).toBe(false);
});

test.each([undefined, null, 0, -1, 1.5, '583231', 2 ** 53, {}, [1], true])(
  'nobody has the number %j',
  async (id) => {
    await expect(identify({ user: { id } })).rejects.toMatchObject({
      code: 'provider.answer_invalid',
    });
  },
);

describe('the address', () => {
  test('is the primary one, where GitHub has verified it', async () => {
    const emails = [
      row('other@example.org', false, true),
      row('octo@example.org', true, true),
      row('unseen@example.org', false, false),
    ];
    expect(await identify({ emails, user: { email: 'public@example.org' } })).toMatchObject({
      email: 'octo@example.org',
      isEmailProven: true,
    });
  });

  test.each<[string, unknown[]]>([
    ['unverified primary', [row('a@example.org', true, false), row('b@example.org', false, true)]],
    ['verified secondary', [row('b@example.org', false, true)]],
    ['none', []],
    ['words', [{ ...row('a@example.org', true, true), verified: 'true' }]],
    ['nonsense', [null, 'a@example.org']],
  ])('is none: %s', async (_, emails) => {
    expect(await identify({ emails, user: { email: 'public@example.org' } })).toMatchObject({
      email: null,
      isEmailProven: false,
    });
  });

  test('is none without permission to see it', async () => {
    expect(await identify({ lacksEmailScope: true })).toMatchObject({
      subject: '583231',
      email: null,
    });
  });
});

test('who has no name goes by the one they sign in with', async () => {
  expect(await identify({ user: { name: null } })).toMatchObject({ name: 'octocat' });
});

describe('a sign-in fails', () => {
  const reasonOf = async (behaviour: GithubBehaviour) => {
    server.behave(behaviour);
    const opened = openGithub();
    const { code } = await identifyWith(opened, 'github', fetchThere).catch((error) => error);
    return [code, opened.lastLine().reason];
  };

  test('where somebody says no', async () => {
    expect(await reasonOf({ isCancelled: true })).toEqual(['provider.cancelled', 'access_denied']);
  });

  test.each(['bad_verification_code', 'incorrect_client_credentials', 'redirect_uri_mismatch'])(
    'where GitHub refuses with status 200: %s',
    async (tokenError) => {
      const [code, reason] = await reasonOf({ tokenError });
      expect(code).toBe('provider.answer_invalid');
      expect(reason).toContain(tokenError);
    },
  );

  test('where the token is revoked meanwhile', async () => {
    expect(await reasonOf({ isRevoked: true })).toEqual(['provider.answer_invalid', 'status_401']);
  });

  test.each([
    ['not JSON', 200, {}, '<html>', 'provider.answer_invalid'],
    ['a list', 200, {}, '[]', 'provider.answer_invalid'],
    ['huge', 200, {}, `"${'x'.repeat(2_000_000)}"`, 'provider.answer_invalid'],
    ['a redirect', 302, { location: '/elsewhere' }, '', 'provider.answer_invalid'],
    ['a failure', 502, {}, '', 'provider.unavailable'],
    ['too many', 403, { 'x-ratelimit-remaining': '0' }, '{}', 'provider.unavailable'],
  ])('where the API answers with %s', async (_, status, headers, body, expected) => {
    const [code] = await reasonOf({
      intercept(request, response) {
        if (!request.url?.startsWith('/api/v3')) return false;
        response.writeHead(status, headers).end(body);
        return true;
      },
    });
    expect(code).toBe(expected);
    expect(server.requests).not.toContain('GET /elsewhere');
  });

  test('without the state that it began with, and with another verifier', async () => {
    const { providers } = openGithub();
    for (const other of [{ state: 'another' }, { codeVerifier: 'another'.repeat(7) }]) {
      const secrets = newSecrets();
      const url = await providers.authorizationUrl('github', secrets, { isFresh: false });
      const response = await fetchThere(url, { redirect: 'manual' });
      const callback = new URL(response.headers.get('location') ?? '');
      await expect(
        providers.identify('github', callback, { ...secrets, ...other }),
      ).rejects.toMatchObject({ code: 'provider.answer_invalid' });
    }
  });
});

test('where GitHub says that it is the one, that is checked', async () => {
  const naming = (iss: string) => ({
    alterCallback: (url: URL) => url.searchParams.set('iss', iss),
  });
  const identity = await identify(naming('https://github.com/login/oauth'));
  expect(identity).toMatchObject({ subject: '583231', issuer: 'https://github.com' });
  await expect(identify(naming('https://accounts.google.com'))).rejects.toMatchObject({
    code: 'provider.answer_invalid',
  });
});

test('GitHub counts as away for thirty seconds after it did not answer', async () => {
  let nowMs = 0;
  const opened = openProviders(server.settings, { fetch: fetchThere, now: () => nowMs });
  const isAvailable = async () => (await opened.providers.list())[0]?.is_available;
  expect(await isAvailable()).toBe(true);
  server.behave({
    intercept(request, response) {
      if (request.method === 'GET') return false;
      response.writeHead(503).end();
      return true;
    },
  });
  await expect(identifyWith(opened, 'github', fetchThere)).rejects.toMatchObject({
    code: 'provider.unavailable',
  });
  expect(await isAvailable()).toBe(false);
  nowMs = 30_000;
  expect(await isAvailable()).toBe(true);
});
