import { expect, test } from 'vitest';
import { TEST_PASSWORD } from '../../../test/harness/accounts.ts';
import {
  accountRow,
  addIdentity,
  addVerified,
  anIdentity,
  aProven,
  enterBy,
  eventsAbout,
  identityRowsOf,
  STRANGER,
} from '../../../test/harness/identities.ts';
import { isTo, outcomeOf, useMailedApp } from '../../../test/harness/mails.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Context } from '../../context.ts';
import { signInByIdentity } from './sign-in-by-identity.service.ts';

const t = useMailedApp();
const STRICT = { isVerifiedEmailRequired: true };
const UNAVAILABLE = 'provider.account_unavailable';

let addressCount = 0;
const newAddress = () => `person-${++addressCount}@example.org`;
const enter = (identity: ProviderIdentity, settings?: Partial<Context['config']>) =>
  enterBy(t.ctx, identity, settings);
const subjectsAt = async (address: string) =>
  (await t.deliver()).filter(isTo(address)).map(({ mail }) => mail.subject);

async function countUsers(): Promise<number> {
  return (await t.owner.query('SELECT count(*)::int AS count FROM users')).rows[0].count;
}

test('who is new gets an account: verified, with name and picture, without password; and is signed in', async () => {
  const email = newAddress();
  const identity = aProven(email.toUpperCase(), {
    name: 'Ada Lovelace',
    pictureUrl: 'https://pictures.example/ada.png',
  });
  const signedIn = await signInByIdentity(t.ctx, STRANGER, identity, { isRemembered: true });
  const { id } = signedIn.user;
  expect(signedIn.user).toMatchObject({
    email: email.toUpperCase(),
    name: 'Ada Lovelace',
    status: 'active',
    avatar_url: 'https://pictures.example/ada.png',
  });
  expect(signedIn.user.last_login_at).not.toBeNull();
  expect(await accountRow(t.owner, id)).toMatchObject({
    email_canonical: email,
    password_hash: null,
    email_verified_at: expect.any(Date),
  });
  const headers = { authorization: `Bearer ${signedIn.accessToken}` };
  const own = await t.call('GET', '/api/v1/users/me', { headers });
  expect(own.json()).toMatchObject({ id, roles: ['user'] });
  const { provider, issuer, subject } = identity;
  const personal = { issuer, subject, email: email.toUpperCase() };
  expect(await eventsAbout(t.owner, id)).toEqual([
    ['user.registered', { provider, has_email: true }, null],
    ['identity.linked', { provider }, personal],
    ['session.started', { method: 'google' }, null],
  ]);
  expect(await subjectsAt(email)).toEqual([]);
});

test('the same identity is the same account, whatever its address has become; both are noted', async () => {
  const identity = aProven(newAddress());
  const id = await enter(identity);
  await t.owner.query('UPDATE user_auth_providers SET last_used_at = NULL WHERE user_id = $1', [
    id,
  ]);
  const moved = { ...identity, email: newAddress(), isEmailProven: false };
  expect(await enter(moved)).toBe(id);
  expect((await accountRow(t.owner, id)).email).toBe(identity.email);
  expect(await identityRowsOf(t.owner, id)).toMatchObject([
    { email: moved.email, is_email_proven: false, last_used_at: expect.any(Date) },
  ]);
});

test('the same subject at another issuer is somebody else', async () => {
  const identity = anIdentity();
  const first = await enter(identity);
  const second = await enter({ ...identity, provider: 'oidc', issuer: 'https://other.example' });
  expect(second).not.toBe(first);
});

test.each([null, 'not an address', 'a@x.com,b@y.com'])(
  'who brings %j for an address gets an account without one, unless one is required',
  async (email) => {
    const identity = anIdentity({ email, isEmailProven: true });
    const before = await countUsers();
    expect(await enter(identity, STRICT)).toBe('provider.email_required');
    expect(await countUsers()).toBe(before);
    const row = await accountRow(t.owner, await enter(identity));
    expect(row).toMatchObject({ email: null, status: 'active', email_verified_at: null });
  },
);

test('an address that is not proven is verified as at every registration', async () => {
  const email = newAddress();
  const id = await enter(anIdentity({ email }));
  expect(await accountRow(t.owner, id)).toMatchObject({ status: 'unverified', email });
  const token = await t.tokenFor(email, 'verify');
  expect((await t.call('GET', `/api/v1/verify/${token}`)).statusCode).toBe(200);
  expect(await accountRow(t.owner, id)).toMatchObject({ status: 'active' });
});

test('where a verified address is required the account waits for it', async () => {
  const email = newAddress();
  const identity = anIdentity({ email });
  expect(await enter(identity, STRICT)).toBe('user.unverified');
  const { rows } = await t.owner.query('SELECT id FROM users WHERE email = $1', [email]);
  expect(await enter(identity, STRICT)).toBe('user.unverified');
  const actions = (await eventsAbout(t.owner, rows[0].id)).map(([action]) => action);
  expect(actions).toEqual(['user.registered', 'identity.linked', 'session.refused']);
  await t.call('GET', `/api/v1/verify/${await t.tokenFor(email, 'verify')}`);
  expect(await enter(identity, STRICT)).toBe(rows[0].id);
});

test('an identity that proves the address of its own account verifies it', async () => {
  const email = newAddress();
  const identity = anIdentity({ email });
  expect(await enter(identity, STRICT)).toBe('user.unverified');
  const other = { ...identity, email: newAddress(), isEmailProven: true };
  expect(await enter(other, STRICT)).toBe('user.unverified');
  const id = await enter({ ...identity, isEmailProven: true }, STRICT);
  expect(await accountRow(t.owner, id)).toMatchObject({ status: 'active' });
  expect((await eventsAbout(t.owner, id)).map(([action]) => action)).toContain('user.verified');
});

test('where registration is closed nobody new comes in, and who has an account does', async () => {
  const before = await countUsers();
  const [known, ada] = [aProven(newAddress()), await addVerified(t)];
  const id = await enter(known);
  for (const identity of [
    aProven(newAddress()),
    anIdentity({ email: newAddress() }),
    anIdentity(),
  ]) {
    expect(await enter(identity, { registration: 'closed' })).toBe('registration.closed');
  }
  expect(await enter(known, { registration: 'closed' })).toBe(id);
  expect(await enter(aProven(ada.email), { registration: 'closed' })).toBe(ada.id);
  expect(await countUsers()).toBe(before + 2);
  expect((await t.deliver()).filter(({ mail }) => mail.subject?.includes('Verify'))).toEqual([]);
});

test('a verified account becomes that of the identity with the same proven address, and its person is told', async () => {
  const ada = await addVerified(t, { name: 'ada' });
  const identity = aProven(ada.email.toUpperCase());
  expect(await enter(identity)).toBe(ada.id);
  expect(await enter({ ...identity, email: null, isEmailProven: false })).toBe(ada.id);
  expect((await eventsAbout(t.owner, ada.id)).slice(0, 2)).toEqual([
    [
      'identity.linked',
      { provider: 'google' },
      { issuer: identity.issuer, subject: identity.subject, email: identity.email },
    ],
    ['session.started', { method: 'google' }, null],
  ]);
  const [mail] = (await t.deliver()).filter(isTo(ada.email));
  expect(mail?.mail.subject).toBe('A sign-in provider was connected');
  expect(mail?.mail.text).toContain('Google was connected');
  const body = { email: ada.email, password: TEST_PASSWORD };
  expect(outcomeOf(await t.call('POST', '/api/v1/login', { body }))).toBe('200');
});

test('an address that is not proven opens nobody’s account', async () => {
  const [ada, eve] = [await addVerified(t), await t.addAccount({ status: 'unverified' })];
  for (const { id, email } of [ada, eve]) {
    expect(await enter(anIdentity({ email }))).toBe('provider.link_required');
    expect(await identityRowsOf(t.owner, id)).toEqual([]);
    const refused = { reason: 'email_not_proven', method: 'google' };
    expect(await eventsAbout(t.owner, id)).toEqual([['session.refused', refused, null]]);
  }
});

test.each(['active', 'unverified'] as const)(
  'an %s account that may administer is signed in to locally first',
  async (status) => {
    const root = await t.addAccount({ status, roles: ['user', 'admin'] });
    if (status === 'active') {
      await t.owner.query('UPDATE users SET email_verified_at = now() WHERE id = $1', [root.id]);
    }
    expect(await enter(aProven(root.email))).toBe('provider.local_sign_in_required');
    expect(await identityRowsOf(t.owner, root.id)).toEqual([]);
    const identity = aProven(root.email);
    await addIdentity(t.owner, root.id, identity);
    expect(await enter(identity)).toBe(root.id);
  },
);

test.each([
  ['disabled', "status = 'disabled'"],
  ['deleted', 'deleted_at = now()'],
])('nobody gets in to a %s account, nor beside it', async (reason, state) => {
  const [ada, eve] = [await addVerified(t), await addVerified(t)];
  const identity = aProven(newAddress());
  await addIdentity(t.owner, ada.id, identity);
  await t.owner.query(`UPDATE users SET ${state} WHERE id = ANY ($1)`, [[ada.id, eve.id]]);
  const before = await countUsers();
  for (const it of [identity, aProven(eve.email), anIdentity({ email: eve.email })]) {
    expect(await enter(it)).toBe(UNAVAILABLE);
  }
  expect(await countUsers()).toBe(before);
  const refused = { reason, method: 'google' };
  expect(await eventsAbout(t.owner, ada.id)).toEqual([['session.refused', refused, null]]);
});

test('an account that was deleted before anybody proved its address keeps nobody out', async () => {
  const { id, email } = await t.addAccount({ status: 'unverified', isDeleted: true });
  const entered = await enterBy(t.ctx, aProven(email));
  expect(await accountRow(t.owner, entered)).toMatchObject({ email });
  expect(entered).not.toBe(id);
});

test('one that was disabled or proven before does, whatever came after it', async () => {
  for (const account of [
    await addVerified(t, { isDeleted: true }),
    await t.addAccount({ status: 'disabled', isDeleted: true }),
  ]) {
    const { email } = account;
    await t.owner.query(
      `INSERT INTO users (id, email, email_canonical, status, deleted_at)
       VALUES (gen_random_uuid(), $1, $1, 'unverified', now())`,
      [email],
    );
    expect(await enterBy(t.ctx, aProven(email))).toBe('provider.account_unavailable');
  }
});

test('no identity comes in whose issuer passes for another front end, nor as one that it vouches for', async () => {
  const ada = await t.addAccount();
  const foreign = { ...anIdentity(), issuer: 'foreign:https://front.example' };
  await addIdentity(t.owner, ada.id, { ...foreign, provider: 'foreign' });
  expect(await enter(foreign)).toBe('provider.answer_invalid');
});

test('sign-ins by a provider are counted by outcome', async () => {
  const counts = async () => {
    const text = await t.ctx.metrics.text();
    const count = (outcome: string) =>
      Number(new RegExp(`sign_ins_total{outcome="${outcome}"} (\\d+)`).exec(text)?.[1] ?? 0);
    return [count('success'), count('refused'), count('unverified')];
  };
  const before = await counts();
  await enter(anIdentity());
  await enter(anIdentity({ email: (await addVerified(t)).email }));
  await enter(anIdentity({ email: newAddress() }), STRICT);
  expect(await counts()).toEqual(before.map((n) => n + 1));
});
