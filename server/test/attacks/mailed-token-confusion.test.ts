import { expect, test } from 'vitest';
import { mintSetupLink } from '../../src/modules/setup/setup.service.ts';
import { refreshCookie, TEST_PASSWORD } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { useMailedApp } from '../harness/mails.ts';

const t = useMailedApp();

test('a mailed or printed token is good for its own purpose alone, and no other token is good for that', async () => {
  const setup = (await mintSetupLink(t.ctx))?.split('#')[1] ?? '';
  const ada = await t.signIn('ada');
  await t.call('PATCH', '/api/v1/users/me', { as: ada, body: { email: 'next@example.org' } });
  await t.call('POST', '/api/v1/password/forgot', { body: { email: ada.email } });
  const body = { email: 'new@example.org', password: TEST_PASSWORD };
  await t.call('POST', '/api/v1/register', { body });
  const mailed = {
    reset: await t.tokenFor(ada.email, 'reset-password'),
    confirm: await t.tokenFor('next@example.org', 'confirm-email'),
    verify: await t.tokenFor('new@example.org', 'verify'),
  };
  const { rows } = await t.owner.query(
    "SELECT encode(token_hash, 'base64') AS hash FROM mailed_tokens LIMIT 1",
  );
  const tokens: Record<string, string> = {
    ...mailed,
    setup,
    access: ada.accessToken,
    api: (await addApiToken(t.owner, ada.id, ['account:read'])).token,
    refresh: refreshCookie(t.ctx, ada).split('=')[1] ?? '',
    hash: Buffer.from(rows[0].hash, 'base64').toString('base64url'),
    user: ada.id,
    upper: mailed.reset.toUpperCase(),
    padded: `${mailed.reset}=`,
  };
  const consumers: Record<string, (token: string) => Promise<{ statusCode: number }>> = {
    verify: (token) => t.call('GET', `/api/v1/verify/${token}`),
    reset: (token) =>
      t.call('POST', '/api/v1/password/reset', { body: { token, password: TEST_PASSWORD } }),
    confirm: (token) => t.call('POST', '/api/v1/users/me/email/confirm', { body: { token } }),
    setup: (token) =>
      t.call('POST', '/api/v1/setup', {
        body: { token, email: 'root@example.org', password: TEST_PASSWORD },
      }),
    access: (token) => t.call('GET', '/api/v1/users/me', { headers: bearer(token) }),
    refresh: (token) =>
      t.call('POST', '/api/v1/refresh', { headers: { cookie: `docket_refresh=${token}` } }),
  };
  for (const [consumer, use] of Object.entries(consumers)) {
    const isOwn = (kind: string) => kind === consumer || (consumer === 'access' && kind === 'api');
    for (const [kind, token] of Object.entries(tokens).filter(([name]) => !isOwn(name))) {
      const { statusCode } = await use(token);
      const refused = consumer === 'access' || consumer === 'refresh' ? 401 : 410;
      expect([consumer, kind, statusCode]).toEqual([consumer, kind, refused]);
    }
  }
  // None of that has used anything up.
  const statuses = [];
  for (const name of ['verify', 'confirm', 'setup']) {
    statuses.push((await consumers[name]?.(tokens[name] ?? ''))?.statusCode);
  }
  expect(statuses).toEqual([200, 204, 201]);
});
