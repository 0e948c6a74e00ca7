import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkIdentity } from '../../src/modules/identities/link-identity.service.ts';
import { addSession, refreshCookie, TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import {
  accountRow,
  actorFor,
  addIdentity,
  anIdentity,
  aProven,
  codeOf,
  enterBy,
  eventsAbout,
  identityRowsOf,
} from '../harness/identities.ts';
import { isTo, type MailedApp, outcomeOf, startMailedApp } from '../harness/mails.ts';
import { isSomebodyWaitingFor } from '../harness/statements.ts';
import { until } from '../harness/until.ts';

const WITHIN_MS = 1000;
const ME = '/api/v1/users/me';
const BETTER_AUTH_SECRET = 'q8Zr3Lw6Tn0Vb5Xk2Hs9Yd4Gf7Jc1MpE';
let database: TestDatabase;
let one: MailedApp;
let two: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startMailedApp({ BETTER_AUTH_SECRET }, { database });
  two = await startTestApp({ BETTER_AUTH_SECRET }, { database });
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await database?.drop();
});

const foreignToken = (sub: string) =>
  new SignJWT({ sub })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(BETTER_AUTH_SECRET));

/** Eve with the address of somebody else, and everything by which she could come back. */
async function preRegister() {
  const victim = await one.addAccount({ name: 'victim', status: 'unverified' });
  const eve = await addSession(one.ctx, one.owner, victim);
  const email = `eve-${victim.email}`;
  await one.call('PATCH', ME, { as: eve, body: { email, name: 'Eve' } });
  const confirm = await one.tokenFor(email, 'confirm-email');
  await one.call('POST', '/api/v1/verify/resend', { body: { email: victim.email } });
  await one.call('POST', '/api/v1/password/forgot', { body: { email: victim.email } });
  const reset = await one.tokenFor(victim.email, 'reset-password');
  const api = await addApiToken(one.owner, eve.id, ['account:read']);
  const identity = aProven(email);
  await addIdentity(one.owner, eve.id, identity);
  const foreign = { ...anIdentity({ issuer: 'foreign:' }), provider: 'foreign' };
  await addIdentity(one.owner, eve.id, foreign);
  await one.owner.query(
    `INSERT INTO provider_flows (state_hash, browser_hash, provider, user_id, session_id, return_to, expires_at)
     VALUES (sha256($1::uuid::text::bytea), '\\x00', 'google', $1, $2, '/', now() + interval '10 minutes')`,
    [eve.id, eve.sessionId],
  );
  const foreignHeaders = bearer(await foreignToken(foreign.subject));
  return { victim, eve, identity, api, reset, confirm, foreignHeaders };
}

type Trap = Awaited<ReturnType<typeof preRegister>>;

/** How each of it is used. */
function waysIn({ victim, eve, api, reset, confirm }: Trap) {
  const password = 'another fine password';
  return {
    'access token': (app: TestApp) => app.call('GET', ME, { as: eve }),
    'API token': (app: TestApp) => app.call('GET', ME, { headers: bearer(api.token) }),
    'refresh cookie': (app: TestApp) =>
      app.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(app.ctx, eve) } }),
    password: (app: TestApp) =>
      app.call('POST', '/api/v1/login', {
        body: { email: victim.email, password: TEST_PASSWORD },
      }),
    'reset link': (app: TestApp) =>
      app.call('POST', '/api/v1/password/reset', { body: { token: reset, password } }),
    'link of a new address': (app: TestApp) =>
      app.call('POST', '/api/v1/users/me/email/confirm', { body: { token: confirm } }),
  };
}

test('whoever registers the address of somebody else has nothing left once its owner signs in by a provider', async () => {
  const trap = await preRegister();
  const { victim, eve, identity, foreignHeaders } = trap;
  const ways = waysIn(trap);
  await one.call('POST', '/api/v1/tasks', { as: eve, body: { title: 'in the account' } });
  const seesTask = async (app: TestApp) =>
    (await app.call('GET', '/api/tasks', { headers: foreignHeaders })).body.includes('in the acc');
  // Both servers have remembered all of it.
  for (const app of [one, two]) {
    expect((await ways['access token'](app)).statusCode).toBe(200);
    expect((await ways['API token'](app)).statusCode).toBe(200);
    expect(await seesTask(app)).toBe(true);
  }
  const proof = aProven(victim.email.toUpperCase(), { name: 'The Victim' });
  expect(await enterBy(one.ctx, proof)).toBe(victim.id);
  const isOut = async (use: (app: TestApp) => ReturnType<TestApp['call']>) => {
    const statuses = [(await use(one)).statusCode, (await use(two)).statusCode];
    return statuses.every((status) => status === 401 || status === 410);
  };
  for (const name of ['access token', 'API token'] as const) {
    await until(() => isOut(ways[name]), WITHIN_MS);
  }
  for (const [name, use] of Object.entries(ways)) expect(await isOut(use), name).toBe(true);
  // Eve's identities are not this account's any more.
  expect(await enterBy(one.ctx, identity)).not.toBe(victim.id);
  for (const app of [one, two]) await until(async () => !(await seesTask(app)), WITHIN_MS);
  const owned = await identityRowsOf(one.owner, victim.id);
  expect(owned.map(({ subject }) => subject)).toEqual([proof.subject]);
  const linking = linkIdentity(one.ctx, actorFor(eve), anIdentity()).catch(codeOf);
  expect(await linking).toBe('session.invalid');
  expect(await accountRow(one.owner, victim.id)).toMatchObject({
    name: 'The Victim',
    status: 'active',
    password_hash: null,
    pending_email: null,
    email_verified_at: expect.any(Date),
  });
  const { rows } = await one.owner.query(
    `SELECT (SELECT count(*)::int FROM provider_flows WHERE user_id = $1) AS flows,
       (SELECT count(*)::int FROM mailed_tokens
        WHERE user_id = $1 AND used_at IS NULL AND expires_at > now()) AS links`,
    [victim.id],
  );
  expect(rows).toEqual([{ flows: 0, links: 0 }]);
});

test('the take-over is audited, and its owner told by mail', async () => {
  const victim = await one.addAccount({ name: 'victim', status: 'unverified' });
  const proof = aProven(victim.email);
  await enterBy(one.ctx, proof);
  const { issuer, subject, email } = proof;
  const personal = { issuer, subject, email };
  expect(await eventsAbout(one.owner, victim.id)).toEqual([
    ['identity.linked', { provider: 'google' }, personal],
    ['user.taken_over', { provider: 'google' }, personal],
    ['session.started', { method: 'google' }, null],
  ]);
  const mails = (await one.deliver()).filter(isTo(victim.email));
  expect(mails.map(({ mail }) => mail.subject)).toEqual([
    'The account with your address is yours now',
  ]);
  expect(mails[0]?.mail.text).toContain('signing in with Google');
});

test('who has taken an account over chooses a password by mail, and has both ways from then on', async () => {
  const victim = await one.addAccount({ name: 'victim', status: 'unverified' });
  const proof = aProven(victim.email);
  await enterBy(one.ctx, proof);
  await one.call('POST', '/api/v1/password/forgot', { body: { email: victim.email } });
  const token = await one.tokenFor(victim.email, 'reset-password');
  const password = 'another fine password';
  const reset = await one.call('POST', '/api/v1/password/reset', { body: { token, password } });
  expect(outcomeOf(reset)).toBe('204');
  const login = await one.call('POST', '/api/v1/login', {
    body: { email: victim.email, password },
  });
  expect(outcomeOf(login)).toBe('200');
  expect(await enterBy(one.ctx, proof)).toBe(victim.id);
});

test('whoever comes with an address not proven is out once its owner resets the password', async () => {
  const email = 'squatted@example.org';
  const squatter = anIdentity({ email });
  const id = await enterBy(one.ctx, squatter);
  await one.call('POST', '/api/v1/password/forgot', { body: { email } });
  const token = await one.tokenFor(email, 'reset-password');
  const body = { token, password: 'another fine password' };
  expect(outcomeOf(await one.call('POST', '/api/v1/password/reset', { body }))).toBe('204');
  expect(await identityRowsOf(one.owner, id)).toEqual([]);
  expect(await enterBy(one.ctx, squatter)).toBe('provider.link_required');
});

/** What Eve does while the account is being taken from her. */
const LAST_ACTS: Record<string, (eve: TestUser, email: string) => Promise<unknown>> = {
  'signs in': (_eve, email) =>
    one.call('POST', '/api/v1/login', { body: { email, password: TEST_PASSWORD } }),
  'makes an API token': (eve) =>
    one.call('POST', '/api/v1/users/me/api-tokens', {
      as: eve,
      body: { name: 'x', scopes: ['account:read'] },
    }),
  'connects an identity': (eve) => linkIdentity(one.ctx, actorFor(eve), anIdentity()).catch(codeOf),
  'asks for another address': (eve, email) =>
    one.call('PATCH', ME, { as: eve, body: { email: `eve-${email}` } }),
  refreshes: (eve) =>
    one.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(one.ctx, eve) } }),
};

test.each(Object.entries(LAST_ACTS))(
  'nothing stays of whoever %s while the account is taken over',
  async (_name, act) => {
    const victim = await one.addAccount({ name: 'victim', status: 'unverified' });
    const eve = await addSession(one.ctx, one.owner, victim);
    const proof = aProven(victim.email);
    await one.owner.query('BEGIN');
    await one.owner.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [victim.id]);
    // Both wait for the account, in either order.
    const acts = [enterBy(one.ctx, proof), act(eve, victim.email)];
    await until(() => isSomebodyWaitingFor(one.owner));
    await one.owner.query('COMMIT');
    await Promise.all(acts);
    const { rows } = await one.owner.query(
      `SELECT password_hash, pending_email,
         (SELECT count(*)::int FROM sessions WHERE user_id = users.id AND ended_at IS NULL) AS sessions,
         (SELECT count(*)::int FROM api_tokens WHERE user_id = users.id AND revoked_at IS NULL) AS tokens,
         (SELECT count(*)::int FROM user_auth_providers WHERE user_id = users.id) AS identities
       FROM users WHERE id = $1`,
      [victim.id],
    );
    const clean = { password_hash: null, pending_email: null, tokens: 0 };
    expect(rows).toEqual([{ ...clean, sessions: 1, identities: 1 }]);
  },
);
