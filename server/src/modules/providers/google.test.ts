import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IssuerServer, startIssuerServer } from '../../../test/harness/issuer-server.ts';
import { providerFetch } from '../../../test/harness/provider-fetch.ts';
import { identifyWith, newSecrets, openProviders } from '../../../test/harness/providers.ts';

const GOOGLE = 'https://accounts.google.com';
const ADA = {
  sub: '110169484474386276334',
  email: 'ada@example.org',
  email_verified: true,
  name: 'Ada Lovelace',
  picture: 'https://lh3.googleusercontent.com/a/ada',
};

let server: IssuerServer;
let fetchThere: typeof fetch;
beforeAll(async () => {
  server = await startIssuerServer(GOOGLE);
  fetchThere = providerFetch({ [GOOGLE]: server.url });
});
afterAll(() => server.close());

function openGoogle() {
  const { OIDC_CLIENT_ID = '', OIDC_CLIENT_SECRET = '' } = server.settings;
  return openProviders(
    { GOOGLE_CLIENT_ID: OIDC_CLIENT_ID, GOOGLE_CLIENT_SECRET: OIDC_CLIENT_SECRET },
    { fetch: fetchThere },
  );
}

test('Google says who somebody is', async () => {
  server.behave({ claims: ADA });
  expect(await identifyWith(openGoogle(), 'google', fetchThere)).toEqual({
    provider: 'google',
    issuer: GOOGLE,
    subject: '110169484474386276334',
    email: 'ada@example.org',
    isEmailProven: true,
    name: 'Ada Lovelace',
    pictureUrl: 'https://lh3.googleusercontent.com/a/ada',
  });
});

test.each([false, 'true', 1, null, undefined])(
  'an address with email_verified %j is not proven',
  async (email_verified) => {
    server.behave({ claims: { ...ADA, email_verified } });
    const identity = await identifyWith(openGoogle(), 'google', fetchThere);
    expect(identity).toMatchObject({ email: 'ada@example.org', isEmailProven: false });
  },
);

test('nobody else speaks for Google', async () => {
  server.behave({ claims: { ...ADA, iss: server.url } });
  await expect(identifyWith(openGoogle(), 'google', fetchThere)).rejects.toMatchObject({
    code: 'provider.answer_invalid',
  });
  server.behave({ claims: ADA, alterMetadata: (it) => void Object.assign(it, { issuer: 'x' }) });
  await expect(identifyWith(openGoogle(), 'google', fetchThere)).rejects.toMatchObject({
    code: 'provider.unavailable',
  });
});

test('somebody can choose another account there', async () => {
  server.behave();
  const { providers } = openGoogle();
  const url = await providers.authorizationUrl('google', newSecrets(), { isFresh: true });
  expect(url.origin).toBe(GOOGLE);
  expect(url.searchParams.get('prompt')).toBe('select_account');
  expect(url.searchParams.get('scope')).toBe('openid email profile');
});
