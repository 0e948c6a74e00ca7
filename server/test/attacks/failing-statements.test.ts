import { expect, test, vi } from 'vitest';
import { mintToken, type Purpose } from '../../src/modules/mailed-tokens/mailed-tokens.service.ts';
import { mintSetupLink } from '../../src/modules/setup/setup.service.ts';
import { refreshCookie, TEST_PASSWORD } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { type TestUser, useTestApp } from '../harness/app.ts';
import { addIdentity } from '../harness/identities.ts';
import { askForOffer, merge, offerFor, takeOffer, undo } from '../harness/merges.ts';
import { breakAtStatement } from '../harness/statements.ts';

const t = useTestApp({
  RATE_LIMIT_AUTH: '1000/1m',
  GITHUB_CLIENT_ID: 'docket',
  GITHUB_CLIENT_SECRET: 'a secret of the client',
});
const ME = '/api/v1/users/me';
const NEW_PASSWORD = 'another fine password';
type Call = () => ReturnType<typeof t.call>;

/** Somebody whose sign-in is long ago, so that a password is asked for. */
async function signedInLongAgo(): Promise<TestUser> {
  const ada = await t.signIn();
  const { id: userId, sessionId } = ada;
  const authenticatedAtSeconds = Math.floor(Date.now() / 1000) - 3600;
  const claims = { userId, sessionId, authVersion: 1, authenticatedAtSeconds, permissions: [] };
  return { ...ada, accessToken: await t.ctx.accessTokens.issue(claims) };
}

async function mailedToken(purpose: Purpose): Promise<string> {
  const { id } = await t.addAccount({ status: 'unverified' });
  const email = `next-${id}@example.org`;
  await t.owner.query(
    'UPDATE users SET pending_email = $2, pending_email_at = now() WHERE id = $1',
    [id, email],
  );
  return (await mintToken(t.ctx, id, purpose))?.token ?? '';
}

/** Every kind of guard, and a call that it lets through; each prepares what it needs. */
const CALLS: Record<string, () => Promise<Call>> = {
  'a session': async () => {
    const as = await t.signIn();
    return () => t.call('GET', '/api/v1/tasks', { as });
  },
  'an API token': async () => {
    const { token } = await addApiToken(t.owner, (await t.signIn()).id, ['tasks:read']);
    return () => t.call('GET', '/api/v1/tasks', { headers: bearer(token) });
  },
  'an administrator': async () => {
    const [as, { id }] = [await t.signIn('root', ['admin', 'user']), await t.addAccount()];
    const body = { status: 'disabled', roles: [] };
    return () => t.call('PATCH', `/api/v1/admin/users/${id}`, { as, body });
  },
  'an API token of an administrator': async () => {
    const root = await t.signIn('root', ['admin', 'user']);
    const scopes = ['users:delete', 'account:read', 'tasks:read', 'tasks:write'];
    const { token } = await addApiToken(t.owner, root.id, scopes);
    const { id } = await t.addAccount();
    return () => t.call('DELETE', `/api/v1/admin/users/${id}`, { headers: bearer(token) });
  },
  'an administrator of roles': async () => {
    const as = await t.signIn('root', ['admin', 'user']);
    const body = { name: `role-${as.id.slice(-12)}`, permissions: ['tasks:read'] };
    return () => t.call('POST', '/api/v1/admin/roles', { as, body });
  },
  'a sign-in': async () => {
    const { email } = await t.addAccount();
    return () => t.call('POST', '/api/v1/login', { body: { email, password: TEST_PASSWORD } });
  },
  'a refresh': async () => {
    const cookie = refreshCookie(t.ctx, await t.signIn());
    return () => t.call('POST', '/api/v1/refresh', { headers: { cookie } });
  },
  'a mail asked for': async () => {
    const { email } = await t.addAccount();
    return () => t.call('POST', '/api/v1/password/forgot', { body: { email } });
  },
  'a verification': async () => {
    const token = await mailedToken('verify');
    return () => t.call('GET', `/api/v1/verify/${token}`);
  },
  'a reset': async () => {
    const body = { token: await mailedToken('reset'), password: NEW_PASSWORD };
    return () => t.call('POST', '/api/v1/password/reset', { body });
  },
  'a confirmation': async () => {
    const body = { token: await mailedToken('change_email') };
    return () => t.call('POST', `${ME}/email/confirm`, { body });
  },
  'a password for a deletion': async () => {
    const as = await signedInLongAgo();
    return () => t.call('DELETE', ME, { as, body: { password: TEST_PASSWORD } });
  },
  'a password for a new address': async () => {
    const as = await signedInLongAgo();
    const body = { email: `other-${as.email}`, password: TEST_PASSWORD };
    return () => t.call('PATCH', ME, { as, body });
  },
  'a new API token': async () => {
    const as = await t.signIn();
    const body = { name: 'x', scopes: ['tasks:read'] };
    return () => t.call('POST', `${ME}/api-tokens`, { as, body });
  },
  'a password for a connection': async () => {
    const as = await signedInLongAgo();
    const body = { password: TEST_PASSWORD };
    return () => t.call('POST', `${ME}/providers/github/link`, { as, body });
  },
  'a password for a disconnection': async () => {
    const as = await signedInLongAgo();
    const path = `${ME}/providers/${await addIdentity(t.owner, as.id)}`;
    return () => t.call('DELETE', path, { as, body: { password: TEST_PASSWORD } });
  },
  'an offer to merge': async () => {
    const [as, { email }] = [await t.signIn(), await t.addAccount()];
    return () => askForOffer(t, as, email);
  },
  'a password for a merge': async () => {
    const as = await signedInLongAgo();
    const token = await offerFor(t, as, await t.addAccount());
    return () => takeOffer(t, as, token, TEST_PASSWORD);
  },
  'an undoing': async () => {
    const as = await t.signIn();
    const id = await merge(t, as, await t.addAccount());
    return () => undo(t, as, id);
  },
  'a set-up': async () => {
    await t.owner.query("DELETE FROM user_roles WHERE role_name = 'admin'");
    const token = (await mintSetupLink(t.ctx))?.split('#')[1];
    const email = `root-${token?.slice(0, 8).toLowerCase()}@example.org`.replaceAll('_', '-');
    const body = { token, email, password: NEW_PASSWORD };
    return () => t.call('POST', '/api/v1/setup', { body });
  },
};

test.each(Object.entries(CALLS))(
  '%s › whichever statement the database fails, 503, never a pass',
  async (_name, prepare) => {
    // A quarter of a second each time, and nothing that is asked here.
    const hash = vi.spyOn(t.ctx.passwords, 'hash').mockResolvedValue('$2b$12$x');
    const statuses: number[] = [];
    for (let at = 0; ; at++) {
      const call = await prepare();
      t.ctx.sessionStates.clear();
      let answer: Awaited<ReturnType<Call>> | undefined;
      const isBroken = await breakAtStatement(at, async () => {
        answer = await call();
      });
      statuses.push(answer?.statusCode ?? 0);
      if (!isBroken) break;
      expect([at, answer?.statusCode]).toEqual([at, 503]);
      expect(String(answer?.headers['set-cookie'])).not.toContain('docket_refresh');
      expect(answer?.json()).not.toHaveProperty('token');
    }
    hash.mockRestore();
    expect(statuses.length).toBeGreaterThan(1);
    expect(statuses.at(-1)).toBeLessThan(300);
  },
  60_000,
);
