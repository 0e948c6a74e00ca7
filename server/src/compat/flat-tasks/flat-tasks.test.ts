import { beforeAll, describe, expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { play } from '../../../test/harness/golden.ts';

const t = useTestApp();

test('requests and answers are what they were once', async () => {
  const played = await play(t, await t.signIn(), [
    ['GET', '/api/tasks'],
    ['POST', '/api/tasks', { title: ' Plan ', description: 'a trip', status: 'in_progress' }],
    ['POST', '/api/tasks', { title: 'Pack', user_id: 'x', completed: true, priority: 1 }],
    ['PATCH', '/api/tasks/{1}/toggle'],
    ['GET', '/api/tasks'],
    ['GET', '/api/tasks?limit=1&offset=1'],
    ['GET', '/api/tasks?status=pending'],
    ['GET', '/api/tasks?completed=true'],
    ['GET', '/api/tasks/{1}'],
    ['PUT', '/api/tasks/{1}', { title: 'Plan well' }],
    ['PUT', '/api/tasks/{1}', { title: null, status: null, completed: false }],
    ['PATCH', '/api/tasks/{1}', { description: null, status: 'completed' }],
    ['PATCH', '/api/tasks/{1}', {}],
    ['PATCH', '/api/tasks/{1}/toggle', {}],
    ['DELETE', '/api/tasks/{1}'],
    ['GET', '/api/tasks/{1}'],
    ['PATCH', '/api/tasks/{1}/toggle'],
    ['GET', '/api/tasks/999'],
    ['GET', '/api/tasks/abc'],
    ['GET', '/protected'],
    ['GET', '/protected', undefined, { authorization: '' }],
    ['GET', '/protected', undefined, { authorization: 'Bearer x' }],
  ]);
  await expect(played).toMatchFileSnapshot('golden.txt');
});

test('an expired token, and one from before a change of the account, are "Token expired"', async () => {
  const ada = await t.signIn();
  const claims = { userId: ada.id, sessionId: ada.sessionId, permissions: [] };
  const seconds = Math.floor(Date.now() / 1000);
  const stale = await t.ctx.accessTokens.issue({
    ...claims,
    authVersion: 0,
    authenticatedAtSeconds: seconds,
  });
  const answer = await t.call('GET', '/protected', {
    headers: { authorization: `Bearer ${stale}` },
  });
  expect([answer.statusCode, answer.json()]).toEqual([401, { detail: 'Token expired' }]);
});

test('what is changed along with a title is changed together; status goes before completion', async () => {
  const ada = await t.signIn();
  const { id } = (await t.call('POST', '/api/tasks', { as: ada, body: { title: 'x' } })).json();
  const change = async (body: object) =>
    (await t.call('PATCH', `/api/tasks/${id}`, { as: ada, body })).json();
  const done = await change({ title: 'y', completed: true });
  expect(done).toMatchObject({ title: 'y', status: 'completed', completed: true });
  expect(done.completed_at).toBe(done.updated_at);
  expect(await change({ completed: true })).toEqual(done);
  expect(await change({ status: 'in_progress', completed: true })).toMatchObject({
    status: 'in_progress',
    completed_at: null,
  });
  expect(await change({ completed: false })).toMatchObject({ status: 'in_progress' });
  expect(await change({ completed: 'yes' })).toMatchObject({ status: 'completed' });
  expect(await change({ completed: 0 })).toMatchObject({ status: 'pending' });
});

test('50 toggles at once are 50 toggles', async () => {
  const ada = await t.signIn();
  const { id } = (await t.call('POST', '/api/tasks', { as: ada, body: { title: 'x' } })).json();
  const path = `/api/tasks/${id}/toggle`;
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => t.call('PATCH', path, { as: ada })),
  );
  expect(answers.filter((answer) => answer.json().completed)).toHaveLength(25);
});

describe('lists', () => {
  let ada: TestUser;
  beforeAll(async () => {
    ada = await t.signIn();
    // Three of a kind in turn, the newest last; two of each are in the trash.
    await t.owner.query(
      `INSERT INTO tasks (user_id, id, title, status, completed_at, created_at, deleted_at)
       SELECT $1, n, 'task ' || n, status, CASE status WHEN 'completed' THEN now() END,
         now() - interval '1 day' + n * interval '1 second', CASE WHEN n <= 6 THEN now() END
       FROM generate_series(1, 3006) n, LATERAL (
         SELECT (ARRAY['pending', 'in_progress', 'completed'])[1 + n % 3] AS status) AS chosen`,
      [ada.id],
    );
  });

  const list = (query: string) => t.call('GET', `/api/tasks${query}`, { as: ada });

  test('without limit all of them come in one array, incomplete ones first, then newest', async () => {
    const answer = await list('');
    const tasks: { id: number; completed: boolean }[] = answer.json();
    expect(answer.headers['x-total-count']).toBe('3000');
    expect(tasks).toHaveLength(3000);
    const sorted = tasks.toSorted(
      (a, b) => Number(a.completed) - Number(b.completed) || b.id - a.id,
    );
    expect(tasks.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
  });

  test('pages put together are the list', async () => {
    const all = (await list('')).json();
    const pages = [];
    for (let offset = 0; offset < 3000; offset += 1000) {
      const answer = await list(`?limit=1000&offset=${offset}`);
      expect(answer.headers['x-total-count']).toBe('3000');
      pages.push(...answer.json());
    }
    expect(pages).toEqual(all);
  });

  test.each([
    ['?limit=1', 1, 3000],
    ['?limit=1000&offset=2500', 500, 3000],
    ['?offset=2990', 10, 3000],
    ['?limit=5&offset=3000', 0, 3000],
    ['?limit=5&offset=9007199254740991', 0, 3000],
    ['?status=pending', 1000, 1000],
    ['?status=pending&limit=3', 3, 1000],
    ['?status=in_progress&limit=3&offset=5000', 0, 1000],
    ['?completed=false&limit=3', 3, 2000],
    ['?completed=0', 2000, 2000],
    ['?completed=TRUE&offset=999', 1, 1000],
    ['?completed=false&status=pending&limit=3', 3, 1000],
    ['?completed=true&status=pending', 0, 0],
    ['?limit=7&limit=2&unknown=1', 2, 3000],
  ])('%s › %i tasks of %i', async (query, count, total) => {
    const answer = await list(query);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toHaveLength(count);
    expect(answer.headers['x-total-count']).toBe(String(total));
  });

  test.each([
    '?limit=0',
    '?limit=1001',
    '?limit=',
    '?limit=1.5',
    '?offset=-1',
    '?offset=1e3',
    '?offset=9007199254740992',
    '?status=done',
    '?completed=perhaps',
  ])('%s › 422, nothing is clamped', async (query) => {
    const answer = await list(query);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().detail[0].loc[0]).toBe('query');
  });
});

test('100,000 tasks come in one array', async () => {
  const ada = await t.signIn();
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title) SELECT $1, n, 'task ' || n FROM generate_series(1, 100000) n`,
    [ada.id],
  );
  const answer = await t.call('GET', '/api/tasks', { as: ada });
  expect(answer.headers['x-total-count']).toBe('100000');
  expect(answer.json()).toHaveLength(100_000);
});
