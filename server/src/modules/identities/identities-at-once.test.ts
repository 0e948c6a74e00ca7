import { expect, test } from 'vitest';
import { addSession } from '../../../test/harness/accounts.ts';
import { useTwoTestApps } from '../../../test/harness/app.ts';
import {
  actorFor,
  addIdentity,
  addVerified,
  anIdentity,
  aProven,
  codeOf,
  enterBy,
  identityRowsOf,
} from '../../../test/harness/identities.ts';
import { isSomebodyWaitingFor } from '../../../test/harness/statements.ts';
import { until } from '../../../test/harness/until.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import { linkIdentity } from './link-identity.service.ts';

const [one, two] = useTwoTestApps();
const TIMES = 20;

/** Many at once, on two servers. */
function atOnce<T>(work: (app: typeof one, i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: TIMES }, (_, i) => work(i % 2 === 0 ? one : two, i)));
}

async function ownersOf(identities: ProviderIdentity[]) {
  const { rows } = await one.owner.query(
    'SELECT user_id FROM user_auth_providers WHERE subject = ANY ($1)',
    [identities.map(({ subject }) => subject)],
  );
  return rows.map((row) => row.user_id);
}

test.each([
  ['with a proven address', () => aProven(`proven-${Math.random()}@example.org`)],
  ['with an address not proven', () => anIdentity({ email: `not-${Math.random()}@example.org` })],
  ['without an address', () => anIdentity()],
])('20 first sign-ins of one identity %s make one account', async (_name, make) => {
  const identity = make();
  const before = (await one.owner.query('SELECT count(*)::int AS n FROM users')).rows[0].n;
  const ids = await atOnce((app) => enterBy(app.ctx, identity));
  expect(new Set(ids).size).toBe(1);
  expect(await ownersOf([identity])).toEqual([ids[0]]);
  const after = (await one.owner.query('SELECT count(*)::int AS n FROM users')).rows[0].n;
  expect(after).toBe(before + 1);
});

test('20 identities that prove one address at once are one account', async () => {
  const identities = Array.from({ length: TIMES }, () => aProven('shared@example.org'));
  const ids = await atOnce((app, i) => enterBy(app.ctx, identities[i] as ProviderIdentity));
  expect(new Set(ids).size).toBe(1);
  expect(new Set(await ownersOf(identities)).size).toBe(1);
});

test('an unverified account is taken over once, and only once', async () => {
  const ada = await one.addAccount({ status: 'unverified' });
  const identities = Array.from({ length: TIMES }, () => aProven(ada.email));
  const ids = await atOnce((app, i) => enterBy(app.ctx, identities[i] as ProviderIdentity));
  expect(new Set(ids)).toEqual(new Set([ada.id]));
  const { rows } = await one.owner.query(
    "SELECT count(*)::int AS n FROM audit_events WHERE user_id = $1 AND action = 'user.taken_over'",
    [ada.id],
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test('an identity that two people connect at once is one’s, and the other is told', async () => {
  for (let round = 0; round < 5; round++) {
    const people = [await one.signIn('ada'), await two.signIn('eve')];
    const identity = anIdentity();
    const linkings = await Promise.all(
      people.map((person, i) =>
        linkIdentity(i === 0 ? one.ctx : two.ctx, actorFor(person), identity),
      ),
    );
    expect(linkings.map(({ kind }) => kind).sort()).toEqual(['linked', 'taken']);
    const [ownerId] = await ownersOf([identity]);
    expect(linkings.find(({ kind }) => kind === 'taken')).toEqual({ kind: 'taken', ownerId });
  }
});

test('connecting and first signing in at once makes no second owner', async () => {
  for (let round = 0; round < 5; round++) {
    const ada = await one.signIn('ada');
    const identity = anIdentity();
    const [linking, id] = await Promise.all([
      linkIdentity(one.ctx, actorFor(ada), identity),
      enterBy(two.ctx, identity),
    ]);
    const owners = await ownersOf([identity]);
    expect(owners).toEqual([linking.kind === 'linked' ? ada.id : id]);
    expect(id).toBe(owners[0]);
  }
});

test('of two last ways to sign in that are disconnected at once one stays', async () => {
  const settings = { providers: [{ name: 'google', clientId: 'x', clientSecret: 'x' }] } as const;
  for (const app of [one, two]) Object.assign(app.ctx.config, settings);
  for (let round = 0; round < 5; round++) {
    const ada = await addVerified(one, { passwordHash: null });
    const ids = [await addIdentity(one.owner, ada.id), await addIdentity(one.owner, ada.id)];
    const user = await addSession(one.ctx, one.owner, ada);
    const answers = await Promise.all(
      ids.map((id, i) =>
        (i === 0 ? one : two).call('DELETE', `/api/v1/users/me/providers/${id}`, { as: user }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 409]);
    expect(await identityRowsOf(one.owner, ada.id)).toHaveLength(1);
  }
});

/** Signs in while the account is held by somebody who changes it first. */
async function enterDuring(identity: ProviderIdentity, id: string, change: () => Promise<unknown>) {
  await one.owner.query('BEGIN');
  await one.owner.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
  const entering = enterBy(one.ctx, identity, { registration: 'closed' });
  await until(() => isSomebodyWaitingFor(one.owner));
  await change();
  await one.owner.query('COMMIT');
  return entering;
}

test('an identity that is disconnected while somebody signs in by it does not let them in', async () => {
  const [ada, identity] = [await one.addAccount(), anIdentity()];
  const id = await addIdentity(one.owner, ada.id, identity);
  const entered = await enterDuring(identity, ada.id, () =>
    one.owner.query('DELETE FROM user_auth_providers WHERE id = $1', [id]),
  );
  expect(entered).toBe('registration.closed');
});

test('an identity that is connected while somebody signs in by it lets them in', async () => {
  const ada = await one.addAccount();
  const identity = anIdentity({ email: ada.email });
  const entered = await enterDuring(identity, ada.id, () =>
    addIdentity(one.owner, ada.id, identity),
  );
  expect(entered).toBe(ada.id);
});

test('disconnecting and signing in at once leaves no session beside the account', async () => {
  const identity = anIdentity();
  const ada = await one.signIn('ada');
  const id = await addIdentity(one.owner, ada.id, identity);
  const [answer, entered] = await Promise.all([
    one.call('DELETE', `/api/v1/users/me/providers/${id}`, { as: ada }),
    enterBy(two.ctx, identity, { registration: 'closed' }).catch(codeOf),
  ]);
  expect(answer.statusCode).toBe(204);
  expect([ada.id, 'registration.closed']).toContain(entered);
});
