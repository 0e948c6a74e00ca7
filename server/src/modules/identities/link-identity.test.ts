import { expect, test } from 'vitest';
import { addSession } from '../../../test/harness/accounts.ts';
import {
  accountRow,
  actorFor,
  addIdentity,
  addVerified,
  anIdentity,
  aProven,
  codeOf,
  enterBy,
  eventsAbout,
  identityRowsOf,
} from '../../../test/harness/identities.ts';
import { isTo, useMailedApp } from '../../../test/harness/mails.ts';
import { isSomebodyWaitingFor } from '../../../test/harness/statements.ts';
import { until } from '../../../test/harness/until.ts';
import { linkIdentity } from './link-identity.service.ts';

const t = useMailedApp();

test('an identity that is nobody’s is connected: it signs in from then on; its person is told', async () => {
  const ada = await t.signIn('ada');
  const identity = anIdentity({ email: 'ada@elsewhere.example' });
  expect(await linkIdentity(t.ctx, actorFor(ada), identity)).toEqual({ kind: 'linked' });
  expect(await identityRowsOf(t.owner, ada.id)).toMatchObject([
    {
      provider: 'google',
      email: 'ada@elsewhere.example',
      is_email_proven: false,
      last_used_at: null,
    },
  ]);
  const { issuer, subject, email } = identity;
  const personal = { issuer, subject, email };
  expect(await eventsAbout(t.owner, ada.id)).toEqual([
    ['identity.linked', { provider: 'google' }, personal],
  ]);
  const mails = (await t.deliver()).filter(isTo(ada.email));
  expect(mails.map(({ mail }) => mail.subject)).toEqual(['A sign-in provider was connected']);
  expect(await enterBy(t.ctx, identity)).toBe(ada.id);
});

test('connecting again changes nothing but what the provider says of the address', async () => {
  const ada = await t.signIn();
  const identity = anIdentity();
  await linkIdentity(t.ctx, actorFor(ada), identity);
  const again = { ...identity, email: 'new@elsewhere.example' };
  expect(await linkIdentity(t.ctx, actorFor(ada), again)).toEqual({ kind: 'already_linked' });
  expect(await identityRowsOf(t.owner, ada.id)).toMatchObject([
    { email: 'new@elsewhere.example', last_used_at: null },
  ]);
  expect(await eventsAbout(t.owner, ada.id)).toHaveLength(1);
});

test('an identity of somebody else stays theirs', async () => {
  const [ada, eve] = [await t.signIn('ada'), await t.signIn('eve')];
  const identity = aProven(eve.email);
  await addIdentity(t.owner, ada.id, identity);
  const taken = { kind: 'taken', ownerId: ada.id };
  expect(await linkIdentity(t.ctx, actorFor(eve), identity)).toEqual(taken);
  expect(await identityRowsOf(t.owner, eve.id)).toEqual([]);
  expect(await identityRowsOf(t.owner, ada.id)).toHaveLength(1);
});

test.each(["status = 'disabled'", 'deleted_at = now()'])(
  'an identity of an account with %s is refused',
  async (state) => {
    const [ada, eve] = [await t.addAccount(), await t.signIn('eve')];
    const identity = anIdentity();
    await addIdentity(t.owner, ada.id, identity);
    await t.owner.query(`UPDATE users SET ${state} WHERE id = $1`, [ada.id]);
    const linking = linkIdentity(t.ctx, actorFor(eve), identity).catch(codeOf);
    expect(await linking).toBe('provider.account_unavailable');
    expect(await identityRowsOf(t.owner, eve.id)).toEqual([]);
  },
);

test('an identity that proves the unverified address of the account verifies it; another does not', async () => {
  const ada = await t.addAccount({ name: 'ada', status: 'unverified' });
  const actor = actorFor(await addSession(t.ctx, t.owner, ada));
  await linkIdentity(t.ctx, actor, aProven('ada@elsewhere.example'));
  await linkIdentity(t.ctx, actor, anIdentity({ email: ada.email }));
  expect((await accountRow(t.owner, ada.id)).status).toBe('unverified');
  await linkIdentity(t.ctx, actor, aProven(ada.email.toUpperCase()));
  expect(await accountRow(t.owner, ada.id)).toMatchObject({
    status: 'active',
    email_verified_at: expect.any(Date),
  });
  expect((await eventsAbout(t.owner, ada.id)).map(([action]) => action)).toEqual([
    ...['identity.linked', 'identity.linked', 'identity.linked', 'user.verified'],
  ]);
});

test('an address that another account has proven is no hindrance: the identity is who asks', async () => {
  const [ada, eve] = [await addVerified(t), await t.signIn('eve')];
  const identity = aProven(ada.email);
  expect(await linkIdentity(t.ctx, actorFor(eve), identity)).toEqual({ kind: 'linked' });
  expect(await enterBy(t.ctx, identity)).toBe(eve.id);
});

test('an administrator connects a provider while signed in, and signs in by it then', async () => {
  const root = await t.signIn('root', ['user', 'admin']);
  const identity = aProven(root.email);
  expect(await enterBy(t.ctx, identity)).toBe('provider.local_sign_in_required');
  await linkIdentity(t.ctx, actorFor(root), identity);
  expect(await enterBy(t.ctx, identity)).toBe(root.id);
});

test('an issuer that passes for another front end is refused', async () => {
  const ada = await t.signIn();
  const identity = anIdentity({ issuer: 'foreign:' });
  const linking = linkIdentity(t.ctx, actorFor(ada), identity).catch(codeOf);
  expect(await linking).toBe('provider.answer_invalid');
});

test.each([
  [
    'the session has ended',
    "UPDATE sessions SET ended_at = now(), end_reason = 'logout' WHERE user_id = $1",
  ],
  ['the account is disabled', "UPDATE users SET status = 'disabled' WHERE id = $1"],
  ['the account is deleted', 'UPDATE users SET deleted_at = now() WHERE id = $1'],
])('nothing is connected where %s, also while it is under way', async (_name, change) => {
  for (const isBefore of [true, false]) {
    const ada = await t.signIn();
    if (isBefore) await t.owner.query(change, [ada.id]);
    await t.owner.query('BEGIN');
    await t.owner.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [ada.id]);
    const linking = linkIdentity(t.ctx, actorFor(ada), anIdentity()).catch(codeOf);
    await until(() => isSomebodyWaitingFor(t.owner));
    if (!isBefore) await t.owner.query(change, [ada.id]);
    await t.owner.query('COMMIT');
    expect(await linking).toBe('session.invalid');
    expect(await identityRowsOf(t.owner, ada.id)).toEqual([]);
  }
});
