import { expect, test } from 'vitest';
import { addSession, refreshCookie } from '../../../test/harness/accounts.ts';
import { type TestApp, type TestUser, useTwoTestApps } from '../../../test/harness/app.ts';
import { until } from '../../../test/harness/until.ts';

const PATH = '/api/v1/users/me/sessions';
/** The promise: every replica knows within a second. */
const PROMISED_MS = 1000;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

const [one, two] = useTwoTestApps();

/** Somebody with so many sessions, of which the last begun is the first. */
async function withSessions(count: number): Promise<TestUser[]> {
  const sessions = [await one.signIn()];
  while (sessions.length < count) {
    sessions.unshift(await addSession(one.ctx, one.owner, sessions[0] as TestUser));
  }
  return sessions;
}

async function change(session: TestUser, assignment: string) {
  await one.owner.query(`UPDATE sessions SET ${assignment} WHERE id = $1`, [session.sessionId]);
}

async function refusedWithin(app: TestApp, as: TestUser, code: string) {
  await until(async () => {
    const answer = await app.call('GET', '/api/v1/tasks/counts', { as });
    return answer.statusCode === 401 && answer.json().code === code;
  }, PROMISED_MS);
}

async function idsOf(as: TestUser, query = ''): Promise<string[]> {
  const answer = await one.call('GET', `${PATH}${query}`, { as });
  expect(answer.statusCode).toBe(200);
  return answer.json().items.map((item: { id: string }) => item.id);
}

function events(userId: string) {
  return one.owner
    .query(
      `SELECT action, actor_kind, target_kind, target_id, changes FROM audit_events
       WHERE user_id = $1 ORDER BY position`,
      [userId],
    )
    .then(({ rows }) => rows);
}

test('GET sessions › device, address, times and which one is this', async () => {
  const [ada, other] = (await withSessions(2)) as [TestUser, TestUser];
  await change(ada, `user_agent = '${FIREFOX}', address = '203.0.113.9', last_used_at = now()`);
  await change(other, "is_remembered = true, last_used_at = now() - interval '1 hour'");
  const answer = await one.call('GET', PATH, { as: ada });
  expect(answer.statusCode).toBe(200);
  const { items, next_cursor: next } = answer.json();
  expect(next).toBeNull();
  expect(items).toMatchObject([
    {
      id: ada.sessionId,
      device: 'Firefox on Linux',
      user_agent: FIREFOX,
      address: '203.0.113.9',
      is_current: true,
      is_remembered: false,
    },
    {
      id: other.sessionId,
      device: null,
      user_agent: null,
      address: null,
      is_current: false,
      is_remembered: true,
    },
  ]);
  expect(Object.keys(items[0]).sort()).toEqual([
    'address',
    'created_at',
    'device',
    'expires_at',
    'id',
    'is_current',
    'is_remembered',
    'last_used_at',
    'user_agent',
  ]);
  const lifeMs = Date.parse(items[0].expires_at) - Date.parse(items[0].created_at);
  expect(lifeMs).toBe(86_400_000);
});

test("GET sessions › live ones only, and nobody else's", async () => {
  const [ada, ended, idle, old, live] = (await withSessions(5)) as TestUser[];
  await one.signIn();
  await change(ended as TestUser, "ended_at = now(), end_reason = 'logout'");
  await change(idle as TestUser, 'idle_expires_at = now()');
  await change(old as TestUser, 'absolute_expires_at = now()');
  const ids = await idsOf(ada as TestUser);
  expect(ids.sort()).toEqual([ada?.sessionId, live?.sessionId].sort());
});

test('GET sessions › in pages, none twice and none left out, also where times are equal', async () => {
  const sessions = await withSessions(7);
  const [ada] = sessions as [TestUser];
  await one.owner.query("UPDATE sessions SET last_used_at = '2026-01-31Z' WHERE user_id = $1", [
    ada.id,
  ]);
  const all = await idsOf(ada);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '?limit=3' : `?limit=3&cursor=${cursor}`;
    const page = (await one.call('GET', `${PATH}${query}`, { as: ada })).json();
    seen.push(...page.items.map((item: { id: string }) => item.id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(all);
  expect(new Set(seen)).toEqual(new Set(sessions.map((it) => it.sessionId)));
});

test.each([
  ['limit=0', '/limit'],
  ['limit=101', '/limit'],
  ['limit=x', '/limit'],
  ['cursor=x', '/cursor'],
  ['user_id=x', '/user_id'],
])('GET sessions › 400 for ?%s', async (query, pointer) => {
  const answer = await one.call('GET', `${PATH}?${query}`, { as: await one.signIn() });
  expect([answer.statusCode, answer.json().errors?.[0].pointer]).toEqual([400, pointer]);
});

test("GET sessions › another's cursor is 400", async () => {
  const [ada, bob] = [(await withSessions(2))[0], await one.signIn()];
  const page = (await one.call('GET', `${PATH}?limit=1`, { as: ada as TestUser })).json();
  const answer = await one.call('GET', `${PATH}?cursor=${page.next_cursor}`, { as: bob });
  expect(answer.statusCode).toBe(400);
});

test('DELETE a session › it is refused on every server within a second, and so is its refresh token; the others go on', async () => {
  const [ada, other] = (await withSessions(2)) as [TestUser, TestUser];
  for (const app of [one, two]) await app.call('GET', '/api/v1/tasks/counts', { as: other });
  const answer = await one.call('DELETE', `${PATH}/${other.sessionId}`, { as: ada });
  expect([answer.statusCode, answer.body, answer.headers['set-cookie']]).toEqual([
    204,
    '',
    undefined,
  ]);
  await Promise.all([one, two].map((app) => refusedWithin(app, other, 'session.invalid')));
  const headers = { cookie: refreshCookie(one.ctx, other) };
  expect((await two.call('POST', '/api/v1/refresh', { headers })).statusCode).toBe(401);
  expect(await idsOf(ada)).toEqual([ada.sessionId]);
  expect(await events(ada.id)).toEqual([
    {
      action: 'session.ended',
      actor_kind: 'user',
      target_kind: 'session',
      target_id: other.sessionId,
      changes: { reason: 'revoked' },
    },
  ]);
});

test('DELETE a session › the present one ends like any other', async () => {
  const ada = await one.signIn();
  expect((await one.call('DELETE', `${PATH}/${ada.sessionId}`, { as: ada })).statusCode).toBe(204);
  await Promise.all([one, two].map((app) => refusedWithin(app, ada, 'session.invalid')));
});

test("DELETE a session › another's, an ended one, an absent one and a malformed id are the same 404", async () => {
  const [ada, ended, idle] = (await withSessions(3)) as [TestUser, TestUser, TestUser];
  const bob = await one.signIn();
  await change(ended, "ended_at = now(), end_reason = 'logout'");
  await change(idle, 'idle_expires_at = now()');
  const ids = [
    bob.sessionId,
    ended.sessionId,
    idle.sessionId,
    '0198f0a0-0000-7000-8000-000000000001',
    'x',
    '%00',
    '1',
  ];
  for (const id of ids) {
    const answer = await one.call('DELETE', `${PATH}/${id}`, { as: ada });
    expect([id, answer.statusCode, answer.json().code]).toEqual([id, 404, 'session.not_found']);
  }
  expect((await one.call('GET', '/api/v1/tasks', { as: bob })).statusCode).toBe(200);
  expect(await events(ada.id)).toEqual([]);
});

test("DELETE sessions › all of one's others; the present one and other people's go on", async () => {
  const [ada, second, third] = (await withSessions(3)) as [TestUser, TestUser, TestUser];
  const bob = await one.signIn();
  for (const it of [second, third]) await two.call('GET', '/api/v1/tasks/counts', { as: it });
  expect((await one.call('DELETE', PATH, { as: ada })).statusCode).toBe(204);
  await Promise.all([second, third].map((it) => refusedWithin(two, it, 'session.invalid')));
  for (const it of [ada, bob]) {
    expect((await two.call('GET', '/api/v1/tasks/counts', { as: it })).statusCode).toBe(200);
  }
  expect(await events(ada.id)).toMatchObject([
    { action: 'session.ended', target_id: null, changes: { reason: 'revoked', count: 2 } },
  ]);
  // Nothing was left to end: nothing happened.
  expect((await one.call('DELETE', PATH, { as: ada })).statusCode).toBe(204);
  expect(await events(ada.id)).toHaveLength(1);
});

test('DELETE sessions?include_current=true › all of them, and every access token becomes stale', async () => {
  const [ada, second] = (await withSessions(2)) as [TestUser, TestUser];
  const bob = await one.signIn();
  for (const it of [ada, second]) await two.call('GET', '/api/v1/tasks/counts', { as: it });
  const answer = await one.call('DELETE', `${PATH}?include_current=true`, { as: ada });
  expect(answer.statusCode).toBe(204);
  await Promise.all([ada, second].map((it) => refusedWithin(two, it, 'session.invalid')));
  const { rows } = await one.owner.query('SELECT auth_version FROM users WHERE id = $1', [ada.id]);
  expect(rows).toEqual([{ auth_version: 2 }]);
  expect((await two.call('GET', '/api/v1/tasks/counts', { as: bob })).statusCode).toBe(200);
});

test('DELETE sessions › 400 for a flag that is none', async () => {
  const [ada, other] = (await withSessions(2)) as [TestUser, TestUser];
  for (const query of ['include_current=x', 'all=true']) {
    const answer = await one.call('DELETE', `${PATH}?${query}`, { as: ada });
    expect(answer.statusCode).toBe(400);
  }
  expect((await one.call('GET', '/api/v1/tasks', { as: other })).statusCode).toBe(200);
});
