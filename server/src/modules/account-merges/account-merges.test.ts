import { expect, test } from 'vitest';
import { refreshCookie, TEST_PASSWORD, type TestUser } from '../../../test/harness/accounts.ts';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import { addIdentity, anIdentity } from '../../../test/harness/identities.ts';
import { isTo, outcomeOf, useMailedApp } from '../../../test/harness/mails.ts';
import {
  addTasks,
  areCountsRight,
  askForOffer,
  MERGES,
  merge,
  offerFor,
  takeOffer,
  tasksOf,
  undo,
} from '../../../test/harness/merges.ts';

const t = useMailedApp({ GOOGLE_CLIENT_ID: 'x', GOOGLE_CLIENT_SECRET: 'x' });

async function two(): Promise<[TestUser, TestUser]> {
  return [await t.signIn('ada'), await t.signIn('bob')];
}

async function hourOld(ada: TestUser): Promise<TestUser> {
  const { id: userId, sessionId } = ada;
  const authenticatedAtSeconds = Math.floor(Date.now() / 1000) - 601;
  const claims = { userId, sessionId, authVersion: 1, authenticatedAtSeconds, permissions: [] };
  return { ...ada, accessToken: await t.ctx.accessTokens.issue(claims) };
}

async function identityIdsOf(userId: string): Promise<string[]> {
  const { rows } = await t.owner.query(
    'SELECT id FROM user_auth_providers WHERE user_id = $1 ORDER BY id',
    [userId],
  );
  return rows.map(({ id }) => id);
}

async function isDeleted(userId: string): Promise<boolean> {
  const { rows } = await t.owner.query('SELECT deleted_at FROM users WHERE id = $1', [userId]);
  return rows[0].deleted_at !== null;
}

test('POST …/merges/offers › shows the other account, and changes nothing', async () => {
  const [ada, bob] = await two();
  await addTasks(t, bob.id, [1, 2, 3]);
  const { rows: before } = await t.owner.query('SELECT * FROM users ORDER BY id');
  const answer = await askForOffer(t, ada, ` ${bob.email.toUpperCase()} `);
  expect(answer.statusCode).toBe(201);
  const { token, ...offer } = answer.json();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(offer.account).toEqual({ email: bob.email, name: null, task_count: 3 });
  const lifeMs = Date.parse(offer.expires_at) - Date.now();
  expect(lifeMs / 60_000).toBeCloseTo(10, 0);
  const viewed = await t.call('POST', `${MERGES}/offers/view`, { as: ada, body: { token } });
  expect([viewed.statusCode, viewed.json()]).toEqual([200, offer]);
  expect((await t.owner.query('SELECT * FROM users ORDER BY id')).rows).toEqual(before);
  expect((await t.call('GET', MERGES, { as: ada })).json()).toEqual({ items: [] });
  expect(await t.deliver()).toEqual([]);
});

test('POST …/merges/offers › one cannot merge an account into itself', async () => {
  const ada = await t.signIn('ada');
  expect(outcomeOf(await askForOffer(t, ada, ada.email))).toBe('409 merge.same_account');
});

test('POST …/merges › every task comes as it is, and those whose id is taken get another', async () => {
  const [ada, bob] = await two();
  await addTasks(t, ada.id, [1, 2, 3, 4]);
  await addTasks(t, bob.id, [3, 4, 5, 6, 7, 8]);
  const [own, others] = [await tasksOf(t, ada.id), await tasksOf(t, bob.id)];
  const answer = await takeOffer(t, ada, await offerFor(t, ada, bob));
  expect(answer.statusCode).toBe(201);
  const { id, merged_at, undoable_until, ...shown } = answer.json();
  expect(shown).toEqual({ email: bob.email, name: null, task_count: 6 });
  expect(Date.parse(undoable_until) - Date.parse(merged_at)).toBe(30 * 86_400_000);
  expect((await t.call('GET', MERGES, { as: ada })).json()).toEqual({ items: [answer.json()] });

  const all = await tasksOf(t, ada.id);
  const came = all.filter(({ title }) => title.endsWith(bob.id));
  expect(all.filter(({ title }) => title.endsWith(ada.id))).toEqual(own);
  expect(came.map((task) => ({ ...task, id: '' }))).toEqual(
    others.map((task) => ({ ...task, id: '' })),
  );
  const kept = came.filter((task) => others.some(({ id: before }) => before === task.id));
  expect(kept.map((task) => task.id)).toEqual(['5', '6', '7', '8']);
  expect(new Set(all.map((task) => task.id)).size).toBe(10);
  expect(await tasksOf(t, bob.id)).toEqual([]);
  expect(await areCountsRight(t)).toBe(true);
  const list = (await t.call('GET', '/api/v1/tasks?limit=100', { as: ada })).json().items;
  expect(list).toHaveLength(all.filter((task) => task.deleted_at === null).length);
});

test('POST …/merges › whoever never had a task gets the counts of those that came', async () => {
  const [ada, bob] = await two();
  await addTasks(t, bob.id, [1, 2, 3]);
  await merge(t, ada, bob);
  expect((await t.call('GET', '/api/v1/tasks/counts', { as: ada })).json()).toEqual({
    pending: 0,
    in_progress: 1,
    completed: 1,
    trashed: 1,
  });
});

test('POST …/merges › the other account is gone: sessions, tokens, links and password are of no use', async () => {
  const [ada, bob] = await two();
  await t.call('POST', '/api/v1/password/forgot', { body: { email: bob.email } });
  const link = await t.tokenFor(bob.email, 'reset-password');
  const { token: apiToken } = await addApiToken(t.owner, bob.id, ['tasks:read']);
  await merge(t, ada, bob);
  const uses = [
    await t.call('GET', '/api/v1/users/me', { as: bob }),
    await t.call('GET', '/api/v1/tasks', { headers: bearer(apiToken) }),
    await t.call('POST', '/api/v1/refresh', { headers: { cookie: refreshCookie(t.ctx, bob) } }),
    await t.call('POST', '/api/v1/login', {
      body: { email: bob.email, password: TEST_PASSWORD },
    }),
    await t.call('POST', '/api/v1/password/reset', {
      body: { token: link, password: 'a fine new password' },
    }),
  ];
  expect(uses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401, 410]);
  expect((await t.call('GET', '/api/v1/users/me', { as: ada })).statusCode).toBe(200);
  // The address is free.
  const again = { email: bob.email, password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/register', { body: again })).statusCode).toBe(201);
});

test('POST …/merges › connected accounts come, profile and roles stay what they were', async () => {
  const ada = await t.signIn('ada');
  const bob = await t.signIn('bob', ['user', 'admin']);
  await t.signIn('root', ['user', 'admin']);
  const [own, came] = [await addIdentity(t.owner, ada.id), await addIdentity(t.owner, bob.id)];
  const before = (await t.call('GET', '/api/v1/users/me', { as: ada })).json();
  const id = await merge(t, ada, bob);
  expect(await identityIdsOf(ada.id)).toEqual([own, came].sort());
  expect(await identityIdsOf(bob.id)).toEqual([]);
  expect((await t.call('GET', '/api/v1/users/me', { as: ada })).json()).toEqual(before);
  expect((await undo(t, ada, id)).statusCode).toBe(204);
  expect([await identityIdsOf(ada.id), await identityIdsOf(bob.id)]).toEqual([[own], [came]]);
});

test('merging and undoing › both addresses are told, and both people find it in the log', async () => {
  const [ada, bob] = await two();
  await addTasks(t, bob.id, [1, 2]);
  await t.deliver();
  const id = await merge(t, ada, bob);
  const merged = await t.deliver();
  await undo(t, ada, id);
  const undone = await t.deliver();
  for (const { email } of [ada, bob]) {
    const subjects = [merged, undone].map((it) =>
      it.filter(isTo(email)).map((m) => m.mail.subject),
    );
    expect(subjects).toEqual([
      ['Two of your accounts were merged'],
      ['Two of your accounts were separated again'],
    ]);
  }
  const { rows } = await t.owner.query(
    `SELECT action, user_id, actor_id, target_id, changes FROM audit_events
     WHERE action IN ('user.merged', 'user.merge_undone') AND target_id = $1 ORDER BY position`,
    [bob.id],
  );
  const event = (action: string, user_id: string) => ({
    action,
    user_id,
    actor_id: ada.id,
    target_id: bob.id,
    changes: { tasks: 2, identities: 0 },
  });
  expect(rows).toEqual([
    event('user.merged', ada.id),
    event('user.merged', bob.id),
    event('user.merge_undone', ada.id),
    event('user.merge_undone', bob.id),
  ]);
});

test('POST …/merges › needs a fresh sign-in or the password, and so does undoing', async () => {
  const [ada, bob] = await two();
  const old = await hourOld(ada);
  const token = await offerFor(t, old, bob);
  const required = '401 fresh_sign_in.required';
  expect(outcomeOf(await takeOffer(t, old, token))).toBe(required);
  expect(outcomeOf(await takeOffer(t, old, token, 'wrong'))).toBe(required);
  const merged = await takeOffer(t, old, token, TEST_PASSWORD);
  expect(merged.statusCode).toBe(201);
  const url = `${MERGES}/${merged.json().id}/undo`;
  expect(outcomeOf(await t.call('POST', url, { as: old }))).toBe(required);
  const body = { password: TEST_PASSWORD };
  expect((await t.call('POST', url, { as: old, body })).statusCode).toBe(204);
});

test('POST …/merges › the last administrator is not merged away, and the offer stays', async () => {
  await t.owner.query("DELETE FROM user_roles WHERE role_name = 'admin'");
  const ada = await t.signIn('ada');
  const root = await t.signIn('root', ['user', 'admin']);
  await addTasks(t, root.id, [1]);
  const token = await offerFor(t, ada, root);
  expect(outcomeOf(await takeOffer(t, ada, token))).toBe('409 user.last_administrator');
  expect([await tasksOf(t, ada.id), await isDeleted(root.id)]).toEqual([[], false]);
  await t.signIn('other root', ['user', 'admin']);
  expect((await takeOffer(t, ada, token)).statusCode).toBe(201);
});

test('POST …/undo › what came goes back under its own ids with what was changed, the rest stays', async () => {
  const [ada, bob] = await two();
  await addTasks(t, ada.id, [1, 2]);
  await addTasks(t, bob.id, [1, 2, 5, 6, 9]);
  const id = await merge(t, ada, bob);
  const renumbered = (await tasksOf(t, ada.id)).find((it) => it.title === `task 1 of ${bob.id}`);
  await t.call('PATCH', `/api/v1/tasks/${renumbered?.id}`, { as: ada, body: { title: 'changed' } });
  await t.call('DELETE', '/api/v1/tasks/5', { as: ada });
  await t.owner.query('DELETE FROM tasks WHERE user_id = $1 AND id IN (6, 9)', [ada.id]);
  // Another task that has got the id of one that came.
  await addTasks(t, ada.id, [9]);
  await t.owner.query('UPDATE tasks SET created_at = now() WHERE user_id = $1 AND id = 9', [
    ada.id,
  ]);
  await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'new', id: 77 } });
  expect((await undo(t, ada, id)).statusCode).toBe(204);
  const summary = async (userId: string) =>
    (await tasksOf(t, userId)).map((task) => [task.id, task.title, task.deleted_at !== null]);
  expect(await summary(bob.id)).toEqual([
    ['1', 'changed', false],
    ['2', `task 2 of ${bob.id}`, false],
    ['5', `task 5 of ${bob.id}`, true],
  ]);
  expect((await summary(ada.id)).map(([taskId]) => taskId)).toEqual(['77', '1', '2', '9']);
  expect(await areCountsRight(t)).toBe(true);
  expect((await t.call('GET', MERGES, { as: ada })).json()).toEqual({ items: [] });
  expect(outcomeOf(await undo(t, ada, id))).toBe('404 merge.not_found');
  const login = { email: bob.email, password: TEST_PASSWORD };
  expect((await t.call('POST', '/api/v1/login', { body: login })).statusCode).toBe(200);
});

test('POST …/undo › 409 where the address has been taken, and nothing is half done', async () => {
  const [ada, bob] = await two();
  await addTasks(t, bob.id, [1, 2]);
  const id = await merge(t, ada, bob);
  await t.call('POST', '/api/v1/register', {
    body: { email: bob.email, password: TEST_PASSWORD },
  });
  const before = await tasksOf(t, ada.id);
  expect(outcomeOf(await undo(t, ada, id))).toBe('409 user.email_taken');
  expect([await tasksOf(t, ada.id), await isDeleted(bob.id)]).toEqual([before, true]);
  await t.owner.query('DELETE FROM users WHERE email = $1 AND deleted_at IS NULL', [bob.email]);
  expect((await undo(t, ada, id)).statusCode).toBe(204);
});

test('POST …/undo › 409 where nothing would be left to sign in with', async () => {
  const [ada, bob] = await two();
  await t.owner.query('UPDATE users SET password_hash = NULL WHERE id = $1', [ada.id]);
  const own = await addIdentity(t.owner, ada.id);
  const came = await addIdentity(t.owner, bob.id);
  const id = await merge(t, ada, bob);
  await t.owner.query('DELETE FROM user_auth_providers WHERE id = $1', [own]);
  expect(outcomeOf(await undo(t, ada, id))).toBe('409 provider.last_sign_in_method');
  expect([await identityIdsOf(ada.id), await isDeleted(bob.id)]).toEqual([[came], true]);
  await addIdentity(t.owner, ada.id, anIdentity());
  expect((await undo(t, ada, id)).statusCode).toBe(204);
});

test('POST …/undo › a password without an address is nothing to sign in with', async () => {
  const [ada, bob] = await two();
  await addIdentity(t.owner, bob.id);
  const id = await merge(t, ada, bob);
  const setEmail = 'UPDATE users SET email = $2, email_canonical = $2 WHERE id = $1';
  await t.owner.query(setEmail, [ada.id, null]);
  expect(outcomeOf(await undo(t, ada, id))).toBe('409 provider.last_sign_in_method');
  await t.owner.query(setEmail, [ada.id, ada.email]);
  expect((await undo(t, ada, id)).statusCode).toBe(204);
});

test('POST …/undo › of somebody else, of none and of one too old: 404', async () => {
  const [ada, bob] = await two();
  const id = await merge(t, ada, bob);
  const eve = await t.signIn('eve');
  expect(outcomeOf(await undo(t, eve, id))).toBe('404 merge.not_found');
  expect(outcomeOf(await undo(t, ada, 'x'))).toBe('404 merge.not_found');
  await t.owner.query(
    `WITH merged AS (UPDATE account_merges SET created_at = created_at - interval '31 days' WHERE id = $1)
     UPDATE users SET deleted_at = deleted_at - interval '31 days' WHERE id = $2`,
    [id, bob.id],
  );
  expect(outcomeOf(await undo(t, ada, id))).toBe('404 merge.not_found');
  expect((await t.call('GET', MERGES, { as: ada })).json()).toEqual({ items: [] });
});
