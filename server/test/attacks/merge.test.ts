import { expect, test } from 'vitest';
import { offerMerge } from '../../src/modules/account-merges/merge-offers.service.ts';
import { mintSetupLink } from '../../src/modules/setup/setup.service.ts';
import { addSession, TEST_PASSWORD, type TestUser } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { startTestApp } from '../harness/app.ts';
import { actorFor, addIdentity, codeOf, identityRowsOf } from '../harness/identities.ts';
import { outcomeOf, useMailedApp } from '../harness/mails.ts';
import {
  addTasks,
  askForOffer,
  MERGES,
  merge,
  offerFor,
  takeOffer,
  tasksOf,
  undo,
} from '../harness/merges.ts';
import { until } from '../harness/until.ts';

const t = useMailedApp();
const INVALID = '410 merge.offer_invalid';

async function two(): Promise<[TestUser, TestUser]> {
  return [await t.signIn('ada'), await t.signIn('bob')];
}

async function isDeleted({ id }: { id: string }): Promise<boolean> {
  const { rows } = await t.owner.query('SELECT deleted_at FROM users WHERE id = $1', [id]);
  return rows[0].deleted_at !== null;
}

function view(as: TestUser, token: string) {
  return t.call('POST', `${MERGES}/offers/view`, { as, body: { token } });
}

/** How an offer is taken after something has happened to it; and nothing has if it is not. */
async function takenAfter(act: (bob: TestUser, token: string) => Promise<unknown>) {
  const [ada, bob] = await two();
  await addTasks(t, bob.id, [1]);
  const token = await offerFor(t, ada, bob);
  await act(bob, token);
  const [viewed, taken] = [await view(ada, token), await takeOffer(t, ada, token)];
  expect(outcomeOf(viewed)).toBe(outcomeOf(taken));
  expect(await tasksOf(t, ada.id)).toEqual([]);
  return outcomeOf(taken);
}

test('an offer of somebody else, or of another session of the same person, is of no use', async () => {
  const [ada, bob] = await two();
  const eve = await t.signIn('eve');
  const token = await offerFor(t, ada, bob);
  const elsewhere = await addSession(t.ctx, t.owner, ada);
  for (const thief of [eve, elsewhere, bob]) {
    expect([
      outcomeOf(await view(thief, token)),
      outcomeOf(await takeOffer(t, thief, token)),
    ]).toEqual([INVALID, INVALID]);
  }
  expect(await isDeleted(bob)).toBe(false);
  expect((await takeOffer(t, ada, token)).statusCode).toBe(201);
});

test('50 uses of one offer at once merge once', async () => {
  const [ada, bob] = await two();
  await addTasks(t, bob.id, [1, 2, 3]);
  const token = await offerFor(t, ada, bob);
  const answers = await Promise.all(Array.from({ length: 50 }, () => takeOffer(t, ada, token)));
  const outcomes = answers.map((it) => (it.statusCode === 201 ? '201' : outcomeOf(it)));
  expect(outcomes.filter((it) => it === '201')).toHaveLength(1);
  expect(outcomes.filter((it) => it === INVALID)).toHaveLength(49);
  const { rows } = await t.owner.query(
    "SELECT 1 FROM audit_events WHERE action = 'user.merged' AND target_id = $1",
    [bob.id],
  );
  expect([rows.length, (await tasksOf(t, ada.id)).length]).toEqual([2, 3]);
});

test('an offer ends with time, and when the other account is changed, disabled or deleted', async () => {
  const outcomes = {
    expired: await takenAfter(() => t.owner.query('UPDATE merge_offers SET expires_at = now()')),
    password: await takenAfter((bob) =>
      t.call('PUT', '/api/v1/users/me/password', {
        as: bob,
        body: { current_password: TEST_PASSWORD, new_password: 'another fine password' },
      }),
    ),
    disabled: await takenAfter((bob) =>
      t.owner.query("UPDATE users SET status = 'disabled' WHERE id = $1", [bob.id]),
    ),
    deleted: await takenAfter((bob) => t.call('DELETE', '/api/v1/users/me', { as: bob })),
  };
  expect(new Set(Object.values(outcomes))).toEqual(new Set([INVALID]));
});

test('an offer ends with the session that it was made in', async () => {
  const [ada, bob] = await two();
  const token = await offerFor(t, ada, bob);
  await t.owner.query('UPDATE sessions SET ended_at = now(), end_reason = $2 WHERE id = $1', [
    ada.sessionId,
    'revoked',
  ]);
  // The access token has been checked before, and this server has not heard yet.
  expect(outcomeOf(await takeOffer(t, ada, token))).toBe('401 session.invalid');
  expect(await isDeleted(bob)).toBe(false);
});

test('whatever is wrong with the other account, the answer to its password is the same', async () => {
  const ada = await t.signIn('ada');
  const given = {
    unknown: { email: 'nobody@example.org' },
    malformed: { email: 'x' },
    wrong: await t.addAccount(),
    disabled: await t.addAccount({ status: 'disabled' }),
    deleted: await t.addAccount({ isDeleted: true }),
    passwordless: await t.addAccount({ passwordHash: null }),
  };
  const bodies = new Set<string>();
  for (const [kind, { email }] of Object.entries(given)) {
    const answer = await askForOffer(t, ada, email, kind === 'wrong' ? 'wrong' : TEST_PASSWORD);
    const { instance: _, ...body } = answer.json();
    bodies.add(JSON.stringify(body));
    expect([kind, outcomeOf(answer)]).toEqual([kind, '401 credentials.invalid']);
  }
  expect(bodies.size).toBe(1);
  const noted = [given.wrong.id, given.disabled.id, given.passwordless.id];
  const reasons = async () => {
    const { rows } = await t.owner.query(
      `SELECT changes->>'reason' AS reason FROM audit_events
       WHERE action = 'session.refused' AND actor_kind = 'anonymous' AND user_id = ANY($1) ORDER BY 1`,
      [noted],
    );
    return rows.map(({ reason }) => reason);
  };
  await until(async () => (await reasons()).length === noted.length, 5000);
  expect(await reasons()).toEqual(['disabled', 'no_password', 'wrong_password']);
});

test('an account whose address nobody has verified is offered no more than it could be signed in to', async () => {
  const strict = await startTestApp(
    { REQUIRE_VERIFIED_EMAIL: 'on', SMTP_URL: 'smtp://127.0.0.1:9' },
    { database: t.database },
  );
  try {
    const ada = await strict.signIn('ada');
    const { email, id } = await strict.addAccount({ status: 'unverified' });
    expect(outcomeOf(await askForOffer(strict, ada, email))).toBe('401 credentials.invalid');
    const offered = await offerMerge(strict.ctx, actorFor(ada), id).catch(codeOf);
    expect(offered).toBe('user.unverified');
    expect((await askForOffer(t, await t.signIn('eve'), email)).statusCode).toBe(201);
  } finally {
    await strict.close();
  }
});

test('an account that a provider knows is not offered while it is disabled or deleted, or to itself', async () => {
  const ada = await t.signIn('ada');
  const given = [
    await t.addAccount({ status: 'disabled' }),
    await t.addAccount({ isDeleted: true }),
    ada,
  ];
  const codes = [];
  for (const { id } of given) {
    codes.push(await offerMerge(t.ctx, actorFor(ada), id).catch(codeOf));
  }
  const unavailable = 'provider.account_unavailable';
  expect(codes).toEqual([unavailable, unavailable, 'merge.same_account']);
  const bob = await t.addAccount();
  const token = await offerMerge(t.ctx, actorFor(ada), bob.id);
  expect(await isDeleted(bob)).toBe(false);
  expect((await takeOffer(t, ada, token)).statusCode).toBe(201);
});

test('an offer that an identity gave ends when that is disconnected', async () => {
  const [ada, bob] = await two();
  const id = await addIdentity(t.owner, bob.id);
  const token = await offerMerge(t.ctx, actorFor(ada), bob.id);
  const unlinked = await t.call('DELETE', `/api/v1/users/me/providers/${id}`, { as: bob });
  expect(unlinked.statusCode).toBe(204);
  expect([outcomeOf(await view(ada, token)), outcomeOf(await takeOffer(t, ada, token))]).toEqual([
    INVALID,
    INVALID,
  ]);
  expect(await isDeleted(bob)).toBe(false);
});

test('undoing a merge gives the other account no identity once its owner is back in it', async () => {
  const [eve, bob] = await two();
  const root = await t.signIn('root', ['user', 'admin']);
  // Eve has Bob’s password, and leaves a way in where he does not see it.
  const hers = await addIdentity(t.owner, bob.id);
  await addTasks(t, bob.id, [1]);
  const id = await merge(t, eve, bob);
  const restored = await t.call('POST', `/api/v1/admin/users/${bob.id}/restore`, { as: root });
  expect(restored.statusCode).toBe(200);
  const body = { email: bob.email, password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/login', { body })).statusCode).toBe(200);
  expect((await undo(t, eve, id)).statusCode).toBe(204);
  expect((await identityRowsOf(t.owner, bob.id)).map((row) => row.id)).toEqual([]);
  expect((await identityRowsOf(t.owner, eve.id)).map((row) => row.id)).toEqual([hers]);
  expect(await tasksOf(t, bob.id)).toHaveLength(1);
});

test('guessing passwords by way of offers is limited by account and by address, like signing in', async () => {
  const limited = await startTestApp(
    { RATE_LIMIT_AUTH: '5/1m', RATE_LIMIT_USER: 'off' },
    { database: t.database },
  );
  try {
    const { email } = await limited.addAccount();
    const statuses = [];
    for (let i = 0; i < 8; i++) {
      const person = await limited.signIn();
      const answer = await limited.call('POST', `${MERGES}/offers`, {
        as: person,
        body: { email, password: 'wrong' },
        remoteAddress: `192.0.2.${i}`,
      });
      statuses.push(answer.statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const login = { email, password: TEST_PASSWORD };
    const signIn = await limited.call('POST', '/api/v1/login', {
      body: login,
      remoteAddress: '192.0.2.99',
    });
    expect(signIn.statusCode).toBe(429);
    // One password on many accounts.
    const eve = await limited.signIn('eve');
    const sprayed = [];
    for (let i = 0; i < 7; i++) {
      const body = { email: `nobody-${i}@example.org`, password: 'wrong' };
      const options = { as: eve, body, remoteAddress: '192.0.2.200' };
      sprayed.push((await limited.call('POST', `${MERGES}/offers`, options)).statusCode);
    }
    expect(sprayed).toEqual([401, 401, 401, 401, 401, 429, 429]);
  } finally {
    await limited.close();
  }
});

test('whoever merges an administrator into their account may do no more than before', async () => {
  const ada = await t.signIn('ada');
  const root = await t.signIn('root', ['user', 'admin']);
  await t.signIn('other root', ['user', 'admin']);
  expect((await takeOffer(t, ada, await offerFor(t, ada, root))).statusCode).toBe(201);
  const me = (await t.call('GET', '/api/v1/users/me', { as: ada })).json();
  expect(me.roles).toEqual(['user']);
  const body = { email: ada.email, password: TEST_PASSWORD };
  const again = (await t.call('POST', '/api/v1/login', { body })).json();
  const as = { ...ada, accessToken: again.access_token };
  expect((await t.call('GET', '/api/v1/admin/users', { as })).statusCode).toBe(403);
  const { rows } = await t.owner.query('SELECT role_name FROM user_roles WHERE user_id = $1', [
    ada.id,
  ]);
  expect(rows).toEqual([{ role_name: 'user' }]);
});

test('no other token is an offer, an offer is good for nothing else, and none is stored', async () => {
  const [ada, bob] = await two();
  await t.call('POST', '/api/v1/password/forgot', { body: { email: bob.email } });
  const offer = await offerFor(t, ada, bob);
  const { rows } = await t.owner.query(
    "SELECT encode(token_hash, 'base64') AS hash FROM merge_offers WHERE merged_user_id = $1",
    [bob.id],
  );
  const apiToken = (await addApiToken(t.owner, ada.id, ['account:read', 'tasks:read'])).token;
  const others = {
    reset: await t.tokenFor(bob.email, 'reset-password'),
    setup: (await mintSetupLink(t.ctx))?.split('#')[1] ?? 'x'.repeat(43),
    access: bob.accessToken,
    api: apiToken,
    hash: Buffer.from(rows[0].hash, 'base64').toString('base64url'),
    user: bob.id,
    empty: '',
    padded: `${offer}=`,
  };
  for (const [kind, token] of Object.entries(others)) {
    expect([kind, outcomeOf(await takeOffer(t, ada, token))]).toEqual([kind, INVALID]);
  }
  const elsewhere = [
    await t.call('GET', `/api/v1/verify/${offer}`),
    await t.call('POST', '/api/v1/password/reset', {
      body: { token: offer, password: 'a fine new password' },
    }),
    await t.call('POST', '/api/v1/users/me/email/confirm', { body: { token: offer } }),
    await t.call('GET', '/api/v1/users/me', { headers: bearer(offer) }),
  ];
  expect(elsewhere.map(({ statusCode }) => statusCode)).toEqual([410, 410, 410, 401]);
  // A program does not merge accounts, whatever its token is for.
  for (const path of [MERGES, `${MERGES}/offers`, `${MERGES}/x/undo`]) {
    const answer = await t.call('POST', path, { headers: bearer(apiToken), body: {} });
    expect(outcomeOf(answer)).toBe('403 api_token.not_allowed');
  }
  expect(await isDeleted(bob)).toBe(false);
  expect((await takeOffer(t, ada, offer)).statusCode).toBe(201);
});
