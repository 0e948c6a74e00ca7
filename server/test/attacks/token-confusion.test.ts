import { expect, test } from 'vitest';
import { hashApiToken } from '../../src/auth/api-token.ts';
import { encodeCursor } from '../../src/auth/cursor.ts';
import { PERMISSIONS } from '../../src/auth/permissions.ts';
import { refreshCookie } from '../harness/accounts.ts';
import { addApiToken, bearer } from '../harness/api-tokens.ts';
import { useTestApp } from '../harness/app.ts';

const t = useTestApp();

test('a token of one kind is refused wherever another kind is asked for', async () => {
  const ada = await t.signIn();
  for (let i = 0; i < 2; i++)
    await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' } });
  const page = (await t.call('GET', '/api/v1/tasks?limit=1', { as: ada })).json();
  const api = await addApiToken(t.owner, ada.id, ['account:read', 'tasks:read']);
  const kinds = {
    access: ada.accessToken,
    api: api.token,
    disguised: `dkt_${ada.accessToken}`,
    apiTokenId: api.id,
    apiTokenHash: hashApiToken(api.token).toString('hex'),
    refresh: refreshCookie(t.ctx, ada).split('=')[1] ?? '',
    cursor: page.next_cursor,
    forged: encodeCursor(t.ctx.keys.cursor, 'refresh', [ada.id, ada.sessionId, 0]),
    session: ada.sessionId,
    user: ada.id,
  };
  const consumers = {
    access: (token: string) => t.call('GET', '/api/v1/users/me', { headers: bearer(token) }),
    personal: (token: string) =>
      t.call('GET', '/api/v1/users/me/sessions', { headers: bearer(token) }),
    refresh: (token: string) =>
      t.call('POST', '/api/v1/refresh', { headers: { cookie: `docket_refresh=${token}` } }),
    cursor: (token: string) => t.call('GET', `/api/v1/tasks?cursor=${token}`, { as: ada }),
  };
  const accepted = new Set(['access access', 'access api', 'personal access']);
  for (const kind of ['refresh', 'cursor']) accepted.add(`${kind} ${kind}`);
  const refused = (consumer: string, kind: string) => {
    if (consumer === 'personal' && kind === 'api') return 403;
    return consumer === 'cursor' ? 400 : 401;
  };
  for (const [consumer, use] of Object.entries(consumers)) {
    for (const [kind, token] of Object.entries(kinds)) {
      const { statusCode } = await use(token);
      const expected = accepted.has(`${consumer} ${kind}`) ? 200 : refused(consumer, kind);
      expect([consumer, kind, statusCode]).toEqual([consumer, kind, expected]);
    }
  }
});

test('an API token ends no session, whatever it is for', async () => {
  const root = await t.signIn('root', ['user', 'admin']);
  const { token } = await addApiToken(t.owner, root.id, [...PERMISSIONS]);
  const headers = bearer(token);
  expect((await t.call('POST', '/api/v1/logout', { headers })).statusCode).toBe(204);
  const cookie = `docket_refresh=${token}`;
  expect((await t.call('POST', '/api/v1/logout', { headers: { cookie } })).statusCode).toBe(204);
  for (const path of ['sessions', `sessions/${root.sessionId}`, 'sessions?include_current=true']) {
    const answer = await t.call('DELETE', `/api/v1/users/me/${path}`, { headers });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'api_token.not_allowed']);
  }
  expect((await t.call('GET', '/api/v1/tasks', { as: root })).statusCode).toBe(200);
});

test('neither tokens nor the secrets behind them are in the database', async () => {
  const ada = await t.signIn();
  const token = refreshCookie(t.ctx, ada).split('=')[1] ?? '';
  await t.call('POST', '/api/v1/refresh', { headers: { cookie: `docket_refresh=${token}` } });
  const { rows: tables } = await t.owner.query(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
  );
  for (const { tablename } of tables) {
    const { rows } = await t.owner.query(`SELECT to_jsonb(x)::text AS row FROM ${tablename} x`);
    const text = rows.map((row) => row.row).join('\n');
    for (const secret of [
      token,
      ada.accessToken,
      Buffer.from(token, 'base64url').toString('hex'),
      '"d":',
    ]) {
      expect(text).not.toContain(secret);
    }
  }
});
