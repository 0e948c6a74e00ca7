import { beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();
const STATS = '/api/v1/admin/stats';
let admin: TestUser;

beforeAll(async () => {
  admin = await t.signIn('admin', ['admin']);
  await t.owner.query(`UPDATE users SET created_at = '2026-03-01T12:00Z'`);
  const { id } = await t.addAccount({ isDeleted: true });
  // Half an hour before and after midnight in Berlin, where summer begins on 29 March.
  await t.owner.query(`UPDATE users SET created_at = '2026-03-28T22:30Z' WHERE id = $1`, [id]);
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title, status, created_at, completed_at, deleted_at) VALUES
      ($1, 1, 'x', 'pending', '2026-03-28T22:30Z', NULL, NULL),
      ($1, 2, 'x', 'completed', '2026-03-28T23:30Z', '2026-03-29T22:30Z', NULL),
      ($1, 3, 'x', 'pending', '2026-03-29T21:30Z', NULL, now())`,
    [admin.id],
  );
});

async function read(query: string) {
  const answer = await t.call('GET', `${STATS}?${query}`, { as: admin });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

test('days begin and end in the time zone that is asked for', async () => {
  const answer = await read('from=2026-03-28&to=2026-03-30&time_zone=Europe/Berlin');
  expect(answer.days).toEqual([
    { date: '2026-03-28', users_registered: 1, sign_ins: 0, tasks_created: 1, tasks_completed: 0 },
    { date: '2026-03-29', users_registered: 0, sign_ins: 0, tasks_created: 2, tasks_completed: 0 },
    { date: '2026-03-30', users_registered: 0, sign_ins: 0, tasks_created: 0, tasks_completed: 1 },
  ]);
  const utc = await read('from=2026-03-28&to=2026-03-29');
  expect(utc.time_zone).toBe('UTC');
  expect(utc.days.map((day: { tasks_created: number }) => day.tasks_created)).toEqual([2, 1]);
});

test('totals, sign-ins, and 30 days up to today by default', async () => {
  const app = await startTestApp();
  const root = await app.signIn('root', ['admin']);
  const { email } = await app.addAccount();
  await app.addAccount({ isDeleted: true });
  const body = { email, password: 'correct horse battery staple' };
  expect((await app.call('POST', '/api/v1/login', { body })).statusCode).toBe(200);
  await app.call('POST', '/api/v1/tasks', { as: root, body: { title: 'x' } });
  const answer = (await app.call('GET', STATS, { as: root })).json();
  expect(answer.days).toHaveLength(30);
  expect(answer.days.at(-1)).toEqual({
    date: new Date().toISOString().slice(0, 10),
    users_registered: 3,
    sign_ins: 1,
    tasks_created: 1,
    tasks_completed: 0,
  });
  expect(answer.users).toEqual({ unverified: 0, active: 2, disabled: 0, deleted: 1 });
  expect(answer.tasks).toEqual({ pending: 1, in_progress: 0, completed: 0, trashed: 0 });
  await app.close();
});

test('a range is counted once a minute, however many ask', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => read('from=2026-03-02&to=2026-03-02')),
  );
  expect(new Set(answers.map((answer) => answer.counted_at)).size).toBe(1);
});

test.each([
  ['from=2026-03-02&to=2026-03-01', '/to'],
  ['from=2025-01-01&to=2026-03-01', '/from'],
  ['from=yesterday', '/from'],
  ['from=2026-02-30', '/from'],
  ['from=0000-01-01&to=0000-01-02', '/from'],
  ['time_zone=Nowhere', '/time_zone'],
  ['time_zone=Nowhere&from=2026-03-02&to=2026-03-02', '/time_zone'],
  ['time_zone=foo%2B3&from=2026-03-02&to=2026-03-02', '/time_zone'],
  ['time_zone=%2B01:00', '/time_zone'],
  ['user=1', '/user'],
])('?%s is 400', async (query, pointer) => {
  const answer = await t.call('GET', `${STATS}?${query}`, { as: admin });
  expect([answer.statusCode, answer.json().errors?.[0]?.pointer]).toEqual([400, pointer]);
});
