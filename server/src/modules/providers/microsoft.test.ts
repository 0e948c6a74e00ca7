import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IssuerServer, startIssuerServer } from '../../../test/harness/issuer-server.ts';
import { providerFetch } from '../../../test/harness/provider-fetch.ts';
import { identifyWith, openProviders } from '../../../test/harness/providers.ts';

const ORIGIN = 'https://login.microsoftonline.com';
const CONTOSO = '11111111-1111-4111-8111-111111111111';
const FABRIKAM = '22222222-2222-4222-8222-222222222222';
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const issuerOf = (tid: string) => `${ORIGIN}/${tid}/v2.0`;

let server: IssuerServer;
beforeAll(async () => {
  server = await startIssuerServer();
});
afterAll(() => server.close());

/** What the description of a tenant says: `common` and `organizations` leave the tenant open. */
const PUBLISHED: Record<string, string> = {
  common: issuerOf('{tenantid}'),
  organizations: issuerOf('{tenantid}'),
  consumers: issuerOf(CONSUMERS),
  'contoso.example.org': issuerOf(CONTOSO),
};

/** Signs in where `tenant` is set, with a token of the tenant `tid` and other claims. */
async function identify(tenant: string, tid: unknown, claims: Record<string, unknown> = {}) {
  const at = `${ORIGIN}/${tenant.toLowerCase()}/v2.0`;
  const there = providerFetch({ [ORIGIN]: server.url });
  const strip: typeof fetch = (input, init) => there(String(input).replace(at, ORIGIN), init);
  const endpoint = (path: string) => `${at}${path}`;
  server.behave({
    claims: {
      sub: 'AAAA-pairwise',
      email: 'ada@contoso.example.org',
      name: 'Ada',
      tid,
      iss: issuerOf(String(tid)),
      ...claims,
    },
    alterMetadata: (metadata) =>
      void Object.assign(metadata, {
        issuer: PUBLISHED[tenant.toLowerCase()] ?? at,
        authorization_endpoint: endpoint('/authorize'),
        token_endpoint: endpoint('/token'),
        jwks_uri: endpoint('/jwks'),
      }),
  });
  const { OIDC_CLIENT_ID = '', OIDC_CLIENT_SECRET = '' } = server.settings;
  const opened = openProviders(
    {
      MICROSOFT_CLIENT_ID: OIDC_CLIENT_ID,
      MICROSOFT_CLIENT_SECRET: OIDC_CLIENT_SECRET,
      MICROSOFT_TENANT: tenant,
    },
    { fetch: strip },
  );
  return identifyWith(opened, 'microsoft', strip);
}

test('Microsoft says who somebody is, by the tenant that they belong to', async () => {
  expect(await identify('common', CONTOSO)).toEqual({
    provider: 'microsoft',
    issuer: issuerOf(CONTOSO),
    subject: 'AAAA-pairwise',
    email: 'ada@contoso.example.org',
    isEmailProven: false,
    name: 'Ada',
    pictureUrl: null,
  });
});

describe('an address', () => {
  test.each([true, 1, '1', 'true'])('is proven by xms_edov %j', async (xms_edov) => {
    const identity = await identify('common', CONTOSO, { xms_edov });
    expect(identity.isEmailProven).toBe(true);
  });

  test.each([false, 0, '0', 'false', 'yes', 2, null, {}, ['1'], [true]])(
    'is not proven by xms_edov %j',
    async (xms_edov) => {
      const identity = await identify('common', CONTOSO, { xms_edov });
      expect(identity.isEmailProven).toBe(false);
    },
  );

  test.each(['organizations', 'consumers', CONSUMERS])(
    'is not proven by a tenant of %s alone, nor by email_verified',
    async (tenant) => {
      const tid = tenant === 'organizations' ? CONTOSO : CONSUMERS;
      const identity = await identify(tenant, tid, { email_verified: true });
      expect(identity.isEmailProven).toBe(false);
    },
  );

  test.each([CONTOSO, 'contoso.example.org', 'Contoso.Example.org'])(
    'is proven by the tenant %s that was chosen',
    async (tenant) => {
      expect(await identify(tenant, CONTOSO)).toMatchObject({
        issuer: issuerOf(CONTOSO),
        isEmailProven: true,
      });
    },
  );

  test('is never another claim', async () => {
    const names = { preferred_username: 'boss@example.org', upn: 'boss@example.org' };
    const identity = await identify(CONTOSO, CONTOSO, { email: undefined, ...names });
    expect(identity).toMatchObject({ email: null, isEmailProven: false });
  });
});

describe('a token is refused', () => {
  test.each([
    [CONTOSO, FABRIKAM],
    ['contoso.example.org', FABRIKAM],
    ['consumers', CONTOSO],
    ['organizations', CONSUMERS],
  ])('where %s is set and it is of the tenant %s', async (tenant, tid) => {
    await expect(identify(tenant, tid)).rejects.toMatchObject({ code: 'provider.answer_invalid' });
  });

  test.each([undefined, null, '', 'common', '..', `${CONTOSO}/../${FABRIKAM}`, 7, {}, [CONTOSO]])(
    'of the tenant %j',
    async (tid) => {
      await expect(identify('common', tid)).rejects.toMatchObject({
        code: 'provider.answer_invalid',
      });
    },
  );

  test('whose issuer is not of its tenant', async () => {
    for (const tenant of ['common', CONTOSO]) {
      await expect(identify(tenant, CONTOSO, { iss: issuerOf(FABRIKAM) })).rejects.toMatchObject({
        code: 'provider.answer_invalid',
      });
    }
    await expect(
      identify('common', FABRIKAM, { iss: 'https://accounts.google.com' }),
    ).rejects.toMatchObject({ code: 'provider.answer_invalid' });
  });
});
