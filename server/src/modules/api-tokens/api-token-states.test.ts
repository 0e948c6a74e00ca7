import { expect, test, vi } from 'vitest';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import { startTestApp, type TestApp, useTwoTestApps } from '../../../test/harness/app.ts';
import { endSessions, setReachable } from '../../../test/harness/database.ts';
import { statementsOf } from '../../../test/harness/statements.ts';
import { until } from '../../../test/harness/until.ts';
import { newApiToken } from '../../auth/api-token.ts';
import { ApiTokenStates } from './api-token-states.ts';

const PATH = '/api/v1/users/me/api-tokens';
/** The promise: every replica knows within a second. */
const PROMISED_MS = 1000;

const [one, two] = useTwoTestApps();

function read(app: TestApp, token: string) {
  return app.call('GET', '/api/v1/tasks/counts', { headers: bearer(token) });
}

async function tokenOf(roles?: string[], scopes = ['tasks:read']) {
  const ada = await one.signIn(undefined, roles);
  return { ada, ...(await addApiToken(one.owner, ada.id, scopes)) };
}

/** Calls until the server answers without asking the database about the token. */
async function warmUp(app: TestApp, token: string) {
  await until(async () => {
    const statements = await statementsOf(() => read(app, token));
    return statements.length === 1 && !/api_tokens/.test(statements[0] ?? '');
  });
}

async function refusedWithin(app: TestApp, token: string, status: number, code: string) {
  await until(async () => {
    const answer = await read(app, token);
    return answer.statusCode === status && answer.json().code === code;
  }, PROMISED_MS);
}

async function lastUsedAt(id: string): Promise<Date | null> {
  const { rows } = await one.owner.query('SELECT last_used_at FROM api_tokens WHERE id = $1', [id]);
  return rows[0].last_used_at;
}

test('a known token costs the database nothing', async () => {
  const { token } = await tokenOf();
  await warmUp(one, token);
  expect(await statementsOf(() => read(one, token))).toHaveLength(1);
});

test('a token revoked on one server is refused on both within a second, although known there', async () => {
  const { ada, id, token } = await tokenOf();
  const other = await addApiToken(one.owner, ada.id, ['tasks:read']);
  for (const app of [one, two]) {
    await warmUp(app, token);
    await warmUp(app, other.token);
  }
  expect((await one.call('DELETE', `${PATH}/${id}`, { as: ada })).statusCode).toBe(204);
  await Promise.all([one, two].map((app) => refusedWithin(app, token, 401, 'token.invalid')));
  expect((await read(two, other.token)).statusCode).toBe(200);
});

test.each([
  ['disabled', "status = 'disabled'"],
  ['deleted', 'deleted_at = now()'],
])(
  'a token whose owner is %s is refused on both servers within a second',
  async (_name, change) => {
    const { ada, token } = await tokenOf();
    const other = await tokenOf();
    for (const app of [one, two]) {
      await warmUp(app, token);
      await warmUp(app, other.token);
    }
    await one.owner.query(
      `UPDATE users SET ${change}, auth_version = auth_version + 1 WHERE id = $1`,
      [ada.id],
    );
    await one.owner.query("SELECT pg_notify('docket_account_changes', $1)", [`user:${ada.id}`]);
    await Promise.all([one, two].map((app) => refusedWithin(app, token, 401, 'session.invalid')));
    expect((await read(two, other.token)).statusCode).toBe(200);
  },
);

test.each([
  ['of the owner', (userId: string) => `user:${userId}`],
  ['of everybody', () => 'all:'],
])(
  'a permission lost by a change of roles %s is lost to the token within a second',
  async (_name, message) => {
    const { ada, token } = await tokenOf(['user'], ['tasks:read', 'users:read']);
    for (const app of [one, two]) await warmUp(app, token);
    await one.owner.query('DELETE FROM user_roles WHERE user_id = $1', [ada.id]);
    await one.owner.query("SELECT pg_notify('docket_account_changes', $1)", [message(ada.id)]);
    await Promise.all(
      [one, two].map((app) => refusedWithin(app, token, 403, 'permission.missing')),
    );
  },
);

test('a token expires at its moment, also where it is known', async () => {
  const { id, token } = await tokenOf();
  await one.owner.query("UPDATE api_tokens SET expires_at = now() + interval '1 s' WHERE id = $1", [
    id,
  ]);
  expect((await read(one, token)).statusCode).toBe(200);
  await refusedWithin(one, token, 401, 'token.expired');
  await refusedWithin(two, token, 401, 'token.expired');
});

test('a token can do what it is for, and no more than its owner', async () => {
  const { token } = await tokenOf(['user'], ['tasks:read', 'users:read']);
  const headers = bearer(token);
  expect((await one.call('GET', '/api/v1/tasks', { headers })).statusCode).toBe(200);
  const write = await one.call('POST', '/api/v1/tasks', { headers, body: { title: 'x' } });
  expect([write.statusCode, write.json().code]).toEqual([403, 'permission.missing']);
  const found = await one.ctx.apiTokenStates.find(token);
  expect([...found.permissions]).toEqual(['tasks:read']);
});

test('a token with a changed character, an unknown one and other texts are 401; most without a look', async () => {
  const { token } = await tokenOf();
  const last = token.endsWith('0') ? '1' : '0';
  const wrong = ['dkt_', 'dkt_x', token.slice(0, -1) + last, `${token}x`, token.slice(0, -1)];
  for (const text of wrong) {
    const statements = await statementsOf(async () => {
      const answer = await read(one, text);
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'token.invalid']);
    });
    expect(statements).toEqual([]);
  }
  const answer = await read(one, newApiToken());
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'token.invalid']);
});

test('when a token was last used is noted, at most once a minute, by every server together', async () => {
  const { id, token } = await tokenOf();
  expect(await lastUsedAt(id)).toBeNull();
  await read(one, token);
  await until(async () => (await lastUsedAt(id)) !== null);
  const first = await lastUsedAt(id);
  const statements = await statementsOf(() => read(one, token));
  expect(statements.filter((text) => /last_used_at = now/.test(text))).toEqual([]);
  await two.ctx.apiTokenUses.note({ userId: '0198f0a0-0000-7000-8000-000000000001', id });
  await read(two, token);
  expect(await lastUsedAt(id)).toEqual(first);
});

test('a use that cannot be noted is in the log, and in nobody’s way', async () => {
  const { token } = await tokenOf();
  await warmUp(one, token);
  const fresh = await tokenOf();
  const warn = vi.spyOn(one.ctx.log, 'warn');
  const execute = vi.spyOn(one.ctx.db, 'execute').mockRejectedValue(new Error('injected'));
  expect((await read(one, fresh.token)).statusCode).toBe(200);
  await until(() => warn.mock.calls.some(([, text]) => /API token/.test(String(text))));
  execute.mockRestore();
  warn.mockRestore();
  await read(one, fresh.token);
  await until(async () => (await lastUsedAt(fresh.id)) !== null);
});

test('while nothing is heard, the database is asked each time and nothing remembered is believed', async () => {
  const { id, token } = await tokenOf();
  let isDeaf = false;
  const states = new ApiTokenStates(one.ctx.db, { isHearing: () => !isDeaf }, one.ctx);
  await states.find(token);
  expect(states.find(token)).toMatchObject({ id });
  const asked = states.find(token, true);
  expect(asked).toBeInstanceOf(Promise);
  await asked;
  await one.owner.query('UPDATE api_tokens SET revoked_at = now() WHERE id = $1', [id]);
  expect(states.find(token)).toMatchObject({ id });
  isDeaf = true;
  await expect(states.find(token)).rejects.toMatchObject({ code: 'token.invalid' });
});

test('what was read before a change is not remembered after it', async () => {
  const { ada, token } = await tokenOf();
  const states = new ApiTokenStates(one.ctx.db, { isHearing: () => true }, one.ctx);
  const asked = states.find(token);
  states.hear(`user:${ada.id}`);
  await asked;
  const again = states.find(token);
  expect(again).toBeInstanceOf(Promise);
  await again;
});

test('a server whose listener is gone asks the database, so that it misses nothing', async () => {
  const { id, token } = await tokenOf();
  await warmUp(two, token);
  expect(await endSessions(one.database, 'pg_notify|LISTEN')).toBeGreaterThanOrEqual(2);
  await one.owner.query('UPDATE api_tokens SET revoked_at = now() WHERE id = $1', [id]);
  await refusedWithin(two, token, 401, 'token.invalid');
});

test('while the database is away, requests are 503 and none passes', async () => {
  const { token } = await tokenOf();
  await warmUp(two, token);
  await setReachable(one.database, false);
  const answer = await read(two, token);
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'database.unavailable']);
  await setReachable(one.database, true);
  await until(async () => (await read(two, token)).statusCode === 200);
});

test('requests of a program draw from its owner’s bucket, guesses from the address’s', async () => {
  const app = await startTestApp(
    { RATE_LIMIT_USER: '3/1m', RATE_LIMIT_DEFAULT: '2/1m' },
    { database: one.database },
  );
  const { ada, token } = await tokenOf();
  const statuses = [];
  for (let i = 0; i < 2; i++) statuses.push((await read(app, token)).statusCode);
  statuses.push((await app.call('GET', '/api/v1/tasks/counts', { as: ada })).statusCode);
  const limited = await read(app, token);
  expect([...statuses, limited.statusCode]).toEqual([200, 200, 200, 429]);
  expect(limited.headers['ratelimit-policy']).toContain('"user"');
  const guesses = [];
  for (let i = 0; i < 3; i++) guesses.push((await read(app, newApiToken())).statusCode);
  expect(guesses).toEqual([401, 401, 429]);
  await app.close();
});
