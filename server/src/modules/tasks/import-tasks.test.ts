import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount } from '../../../test/harness/accounts.ts';
import { useTestDatabase } from '../../../test/harness/database.ts';
import { OPERATOR } from '../../auth/actor.ts';
import { readTaskRow } from './import-tasks.schema.ts';
import {
  type ImportKind,
  type ImportOptions,
  type ImportOutcome,
  type ImportRow,
  importTasks,
} from './import-tasks.ts';

const database = useTestDatabase();
let owner: pg.Client;

beforeAll(async () => {
  owner = new pg.Client(database.owner);
  await owner.connect();
});

afterAll(() => owner?.end());

async function* rowsOf(kind: ImportKind, data: unknown[]): AsyncGenerator<ImportRow> {
  for (const [index, it] of data.entries()) yield { line: index + 1, ...readTaskRow(kind, it) };
}

async function importAll(
  userId: string,
  kind: ImportKind,
  data: unknown[],
  options: Partial<ImportOptions> = {},
): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  const all: ImportOptions = {
    kind,
    source: '',
    areIdsKept: false,
    order: 'newest first',
    findOwner: async () => ({ userId }),
    ...options,
  };
  for await (const it of importTasks(database, OPERATOR, rowsOf(kind, data), all)) {
    outcomes.push(it);
  }
  return outcomes;
}

const newUser = async () => (await addAccount(owner)).id;
const summary = (outcomes: ImportOutcome[]) => outcomes.map((it) => it.outcome);
const problemsOf = (outcomes: ImportOutcome[]) =>
  outcomes.map((it) => ('errors' in it ? it.errors.map((e) => e.pointer).join() : it.outcome));

async function tasksOf(userId: string) {
  const { rows } = await owner.query(
    `SELECT id::float8 AS id, title, description, status, version,
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS created_at,
       to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS updated_at,
       to_char(completed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS completed_at
     FROM tasks WHERE user_id = $1 ORDER BY tasks.created_at DESC, tasks.id DESC`,
    [userId],
  );
  return rows;
}

test('tasks arrive with their texts, status and times, and the act is in the audit log', async () => {
  const userId = await newUser();
  const outcomes = await importAll(userId, 'tasks', [
    {
      id: 1,
      user_id: 'old-7',
      title: ' Done \n',
      description: '',
      completed: true,
      created_at: '2024-02-29T09:30:00.123456',
      updated_at: '2024-03-01 10:00:00+00',
      completed_at: '2024-03-01T11:00:00+01:00',
    },
    { id: 'b1f6', title: 'Open', description: ' why ', status: 'in_progress', completed: false },
    {
      id: 3,
      title: 'No times',
      completed: 1,
      completed_at: null,
      updated_at: '2024-01-02T00:00:00Z',
      created_at: '2024-01-01T00:00:00Z',
    },
    {
      id: 4,
      title: 'Open again',
      completed: 0,
      completed_at: '2023-01-02T00:00:00Z',
      created_at: '2023-01-01T00:00:00-0530',
    },
  ]);
  expect(summary(outcomes)).toEqual(['created', 'created', 'created', 'created']);
  const [open, done, noTimes, again] = await tasksOf(userId);
  expect(done).toMatchObject({
    title: 'Done',
    description: null,
    status: 'completed',
    version: 1,
    created_at: '2024-02-29T09:30:00.123',
    updated_at: '2024-03-01T10:00:00.000',
    completed_at: '2024-03-01T10:00:00.000',
  });
  expect(open).toMatchObject({ description: 'why', status: 'in_progress', completed_at: null });
  expect(noTimes).toMatchObject({ completed_at: '2024-01-02T00:00:00.000' });
  expect(again).toMatchObject({
    status: 'pending',
    completed_at: null,
    created_at: '2023-01-01T05:30:00.000',
    updated_at: '2023-01-01T05:30:00.000',
  });
  const { rows } = await owner.query(
    `SELECT actor_kind, target_id, changes FROM audit_events
     WHERE action = 'tasks.imported' AND user_id = $1`,
    [userId],
  );
  expect(rows).toEqual([
    { actor_kind: 'operator', target_id: userId, changes: { kind: 'tasks', created: 4 } },
  ]);
});

test('a second run adds nothing and changes nothing, not even what the owner did meanwhile', async () => {
  const userId = await newUser();
  const data = Array.from({ length: 1200 }, (_, i) => ({
    id: i,
    text: `todo ${i}`,
    completed: i % 3 === 0,
  }));
  expect(new Set(summary(await importAll(userId, 'todos', data)))).toEqual(new Set(['created']));
  await owner.query(
    `UPDATE tasks SET title = 'by the owner', version = version + 1
     WHERE user_id = $1 AND title = 'todo 5'`,
    [userId],
  );
  await owner.query(
    `UPDATE tasks SET deleted_at = now(), version = version + 1
     WHERE user_id = $1 AND title = 'todo 6'`,
    [userId],
  );
  const before = await tasksOf(userId);
  expect(before).toHaveLength(1200);
  expect(new Set(summary(await importAll(userId, 'todos', data)))).toEqual(new Set(['unchanged']));
  expect(await tasksOf(userId)).toEqual(before);
  const { rows } = await owner.query(
    'SELECT pending, completed FROM task_counts WHERE user_id = $1',
    [userId],
  );
  expect(rows[0]).toMatchObject({ completed: '399' });
});

test('rows that are wrong are told with their field, and the rest is stored', async () => {
  const userId = await newUser();
  const time = '2024-01-01T00:00:00Z';
  const outcomes = await importAll(userId, 'tasks', [
    { id: 1, title: 'good' },
    'text',
    { title: 'no id' },
    { id: 2 ** 53, title: 'an id that two numbers share' },
    { id: 3, title: 'x'.repeat(201) },
    { id: 4, title: ' ' },
    { id: 5, title: 'x', description: 'x'.repeat(2001) },
    { id: 6, title: 'x', status: 'done' },
    { id: 7, title: 'x', status: 'pending', completed: true },
    { id: 8, title: 'x', completed: 'perhaps' },
    { id: 9, title: 'x', created_at: '2999-01-01T00:00:00Z' },
    { id: 10, title: 'x', created_at: '2024-02-30T00:00:00Z' },
    { id: 11, title: 'x', priority: 1 },
    { id: 12, title: 'a\0b' },
    { id: 13, title: 'x', created_at: '0001-01-01T00:00:00+15:00' },
    { id: 14, title: 'x', updated_at: '0001-01-01T00:00:60+15:00' },
    { id: 15, title: 'x', completed: { toString: 1 } },
    { id: 16, title: 'also good', created_at: time },
  ]);
  expect(problemsOf(outcomes)).toEqual([
    'created',
    '',
    '/id',
    '/id',
    '/title',
    '/title',
    '/description',
    '/status',
    '/completed',
    '/completed',
    '/created_at',
    '/created_at',
    '/priority',
    '/title',
    '/created_at',
    '/updated_at',
    '/completed',
    'created',
  ]);
  expect((await tasksOf(userId)).map((it) => it.title)).toEqual(['good', 'also good']);
});

test('the text of todos stays as it was written, up to 2,000 characters', async () => {
  const userId = await newUser();
  const long = '🌵'.repeat(2000);
  const outcomes = await importAll(userId, 'todos', [
    { id: 1, text: '  spaces  ', completed: false },
    { id: 2, text: long, completed: true },
    { id: 3, text: `${long}!`, completed: true },
    { id: 4, text: ' \u3000', completed: true },
  ]);
  expect(problemsOf(outcomes)).toEqual(['created', 'created', '/text', '/text']);
  expect((await tasksOf(userId)).map((it) => it.title)).toEqual(['  spaces  ', long]);
});

test('todos without times are listed in the order of the file, or the other way round', async () => {
  const data = ['c', 'b', 'a'].map((text) => ({ id: text, text, completed: false }));
  const [newest, oldest] = [await newUser(), await newUser()];
  await importAll(newest, 'todos', data);
  await importAll(oldest, 'todos', data, { order: 'oldest first' });
  expect((await tasksOf(newest)).map((it) => it.title)).toEqual(['c', 'b', 'a']);
  expect((await tasksOf(oldest)).map((it) => it.title)).toEqual(['a', 'b', 'c']);
});

test('the same id of another kind, source or owner is another task', async () => {
  const [ada, grace] = [await newUser(), await newUser()];
  const row = { id: 1, completed: false };
  for (const [userId, kind, source] of [
    [ada, 'todos', ''],
    [ada, 'todos', 'second'],
    [ada, 'tasks', ''],
    [grace, 'todos', ''],
  ] as const) {
    const data = kind === 'todos' ? { ...row, text: 'x' } : { ...row, title: 'x' };
    expect(summary(await importAll(userId, kind, [data], { source }))).toEqual(['created']);
  }
  const ids = [...(await tasksOf(ada)), ...(await tasksOf(grace))].map((it) => it.id);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) {
    expect(Number.isSafeInteger(id)).toBe(true);
    expect(id).toBeGreaterThanOrEqual(2 ** 52);
  }
});

test('whole numbers stay ids where that is asked for, and other tasks keep theirs', async () => {
  const userId = await newUser();
  const at = (second: number) => `2024-01-01T00:00:0${second}Z`;
  const options = { areIdsKept: true };
  const first = [
    { id: 17, title: 'kept', created_at: at(1) },
    { id: 'b1f6', title: 'no number', created_at: at(2) },
  ];
  expect(summary(await importAll(userId, 'tasks', first, options))).toEqual(['created', 'created']);
  const [, kept] = await tasksOf(userId);
  expect(kept).toMatchObject({ id: 17, title: 'kept' });
  const other = [{ id: 17, title: 'kept', created_at: at(3) }];
  expect(problemsOf(await importAll(userId, 'tasks', other, options))).toEqual(['/id']);
});

test('an id that is there twice, or comes again with other content, is told', async () => {
  const userId = await newUser();
  const outcomes = await importAll(userId, 'todos', [
    { id: 1, text: 'one', completed: false },
    { id: '1', text: 'one', completed: false },
    { id: 1, text: 'another', completed: false },
  ]);
  expect(problemsOf(outcomes)).toEqual(['created', 'unchanged', '/id']);
  const again = await importAll(userId, 'todos', [{ id: 1, text: 'one', completed: true }]);
  expect(problemsOf(again)).toEqual(['/id']);
  expect(await tasksOf(userId)).toMatchObject([{ title: 'one', status: 'pending' }]);
});
