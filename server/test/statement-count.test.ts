import { expect, test } from 'vitest';
import { useTestApp } from './harness/app.ts';
import { statementsOf } from './harness/statements.ts';
import { until } from './harness/until.ts';

const t = useTestApp();

const REQUESTS = {
  list: ['GET', '', undefined],
  search: ['GET', '?q=x&sort=title&created_from=2026-01-01T00:00:00Z', undefined],
  counts: ['GET', '/counts', undefined],
  read: ['GET', '/1', undefined],
  create: ['POST', '', { title: 'new' }],
  change: ['PATCH', '/1', { title: 'changed' }],
  replace: ['PUT', '/1', { title: 'x', description: null, status: 'in_progress' }],
  complete: ['PUT', '/1/completion', { completed: true }],
  bulk: ['POST', '/bulk', { action: 'reopen', ids: [1, 2] }],
  delete: ['DELETE', '/2', undefined],
  restore: ['POST', '/2/restore', undefined],
} as const;

test.each(Object.entries(REQUESTS))(
  '%s › one statement, once the session is known',
  async (_name, [method, path, body]) => {
    const ada = await t.signIn();
    await t.owner.query(
      "INSERT INTO tasks (user_id, id, title, deleted_at) VALUES ($1, 1, 'x', NULL), ($1, 2, 'y', $2)",
      [ada.id, method === 'POST' && path === '/2/restore' ? new Date() : null],
    );
    await until(async () => {
      const asked = await statementsOf(() => t.call('GET', '/api/v1/tasks/counts', { as: ada }));
      return asked.length === 1;
    });
    const statements = await statementsOf(async () => {
      const answer = await t.call(method, `/api/v1/tasks${path}`, {
        as: ada,
        ...(body && { body }),
      });
      expect(answer.statusCode).toBeLessThan(300);
    });
    expect(statements).toHaveLength(1);
  },
);

test('create with an Idempotency-Key › its change and record, a lock and a look, in one transaction', async () => {
  const ada = await t.signIn();
  await t.call('GET', '/api/v1/tasks/counts', { as: ada });
  const statements = await statementsOf(() =>
    t.call('POST', '/api/v1/tasks', {
      as: ada,
      body: { title: 'x' },
      headers: { 'idempotency-key': 'k' },
    }),
  );
  const kinds = statements.map((text) => /^\w+/.exec(text.trim())?.[0]?.toLowerCase());
  expect(kinds).toEqual(['begin', 'select', 'select', 'insert', 'insert', 'commit']);
});
