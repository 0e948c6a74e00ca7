import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/auth/cursor.ts';
import { refreshCookie } from '../harness/accounts.ts';
import { useTestApp } from '../harness/app.ts';

const t = useTestApp();

test('a token of one kind is refused wherever another kind is asked for', async () => {
  const ada = await t.signIn();
  for (let i = 0; i < 2; i++)
    await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: 'x' } });
  const page = (await t.call('GET', '/api/v1/tasks?limit=1', { as: ada })).json();
  const kinds = {
    access: ada.accessToken,
    refresh: refreshCookie(t.ctx, ada).split('=')[1] ?? '',
    cursor: page.next_cursor,
    forged: encodeCursor(t.ctx.keys.cursor, 'refresh', [ada.id, ada.sessionId, 0]),
    session: ada.sessionId,
    user: ada.id,
  };
  const consumers = {
    access: (token: string) =>
      t.call('GET', '/api/v1/users/me', { headers: { authorization: `Bearer ${token}` } }),
    refresh: (token: string) =>
      t.call('POST', '/api/v1/refresh', { headers: { cookie: `docket_refresh=${token}` } }),
    cursor: (token: string) => t.call('GET', `/api/v1/tasks?cursor=${token}`, { as: ada }),
  };
  for (const [consumer, use] of Object.entries(consumers)) {
    for (const [kind, token] of Object.entries(kinds)) {
      const { statusCode } = await use(token);
      const refused = consumer === 'cursor' ? 400 : 401;
      expect([consumer, kind, statusCode]).toEqual([
        consumer,
        kind,
        kind === consumer ? 200 : refused,
      ]);
    }
  }
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
