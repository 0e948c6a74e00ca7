import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();
const RFC_3339_MS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function create(as: TestUser, body: object = { title: 'Water' }) {
  return (await t.call('POST', '/api/v1/tasks', { as, body })).json();
}

test('POST /tasks › 201 with the task, its address and its version', async () => {
  const ada = await t.signIn();
  const created = await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: ' Water ' } });
  expect(created.statusCode).toBe(201);
  const task = created.json();
  expect(task).toMatchObject({ title: 'Water', description: null, status: 'pending', version: 1 });
  expect(task).toMatchObject({ completed: false, completed_at: null, deleted_at: null });
  expect(task.created_at).toMatch(RFC_3339_MS);
  expect(task.updated_at).toBe(task.created_at);
  expect(created.headers.etag).toBe('"1"');
  expect(created.headers.location).toBe(`/api/v1/tasks/${task.id}`);
  const read = await t.call('GET', `/api/v1/tasks/${task.id}`, { as: ada });
  expect(read.json()).toEqual(task);
});

test('POST /tasks › a task made as completed carries the time of its completion', async () => {
  const ada = await t.signIn();
  const task = await create(ada, { title: 'Done', status: 'completed', description: 'at once' });
  expect(task).toMatchObject({ completed: true, status: 'completed', description: 'at once' });
  expect(task.completed_at).toMatch(RFC_3339_MS);
});

test('POST /tasks › an id of the client is kept, repeated with the same content 200, with other content 409', async () => {
  const ada = await t.signIn();
  const body = { id: Number.MAX_SAFE_INTEGER, title: 'Mine', description: null };
  const first = await t.call('POST', '/api/v1/tasks', { as: ada, body });
  const again = await t.call('POST', '/api/v1/tasks', { as: ada, body });
  const other = await t.call('POST', '/api/v1/tasks', { as: ada, body: { ...body, title: 'No' } });
  expect([first.statusCode, again.statusCode, other.statusCode]).toEqual([201, 200, 409]);
  expect(first.json().id).toBe(Number.MAX_SAFE_INTEGER);
  expect(again.json()).toEqual(first.json());
  expect(other.json().code).toBe('task.id_taken');
});

test('POST /tasks › the same id is free for everybody else', async () => {
  const [ada, bob] = [await t.signIn(), await t.signIn()];
  const answers = [ada, bob].map((as, i) =>
    t.call('POST', '/api/v1/tasks', { as, body: { id: 77, title: `of ${i}` } }),
  );
  expect((await Promise.all(answers)).map((answer) => answer.statusCode)).toEqual([201, 201]);
});

test.each([
  ['no title', {}, '/title'],
  ['an empty title', { title: ' \u0085\u3000\t' }, '/title'],
  ['a title of 201 characters', { title: 'x'.repeat(201) }, '/title'],
  ['a title that is null', { title: null }, '/title'],
  ['a title that is a number', { title: 1 }, '/title'],
  [
    'a description of 2001 characters',
    { title: 'x', description: 'x'.repeat(2001) },
    '/description',
  ],
  ['an unknown status', { title: 'x', status: 'done' }, '/status'],
  ['an unknown field', { title: 'x', colour: 'red' }, '/colour'],
  ['an id of zero', { title: 'x', id: 0 }, '/id'],
  ['an id beyond 2^53', { title: 'x', id: 2 ** 53 }, '/id'],
  ['an id as text', { title: 'x', id: '5' }, '/id'],
  ['a derived field', { title: 'x', completed: true }, '/completed'],
])('POST /tasks › 400 for %s, pointing at the field', async (_name, body, pointer) => {
  const answer = await t.call('POST', '/api/v1/tasks', { as: await t.signIn(), body });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().code).toBe('request.invalid');
  expect(answer.json().errors[0].pointer).toBe(pointer);
});

test('PUT /tasks/{id} › replaces all three fields, PATCH the given ones, null clears', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada, { title: 'A', description: 'first' });
  const url = `/api/v1/tasks/${id}`;
  const body = { title: 'B', description: null, status: 'in_progress' };
  const put = (await t.call('PUT', url, { as: ada, body })).json();
  expect(put).toMatchObject({ ...body, version: 2 });
  const patch = { description: 'back' };
  const patched = (await t.call('PATCH', url, { as: ada, body: patch })).json();
  expect(patched).toMatchObject({ ...body, ...patch, version: 3 });
  const cleared = await t.call('PATCH', url, { as: ada, body: { description: null } });
  expect(cleared.json()).toMatchObject({ description: null, version: 4 });
});

test('PUT /tasks/{id} › needs every field', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada);
  const answer = await t.call('PUT', `/api/v1/tasks/${id}`, { as: ada, body: { title: 'B' } });
  expect(answer.statusCode).toBe(400);
  const pointers = answer.json().errors.map((error: { pointer: string }) => error.pointer);
  expect(pointers.sort()).toEqual(['/description', '/status']);
});

test('updated_at and version change on every change and only then', async () => {
  const ada = await t.signIn();
  const first = await create(ada, { title: 'A', description: 'd' });
  const url = `/api/v1/tasks/${first.id}`;
  const same = [
    await t.call('PATCH', url, { as: ada, body: {} }),
    await t.call('PATCH', url, { as: ada, body: { title: ' A ' } }),
    await t.call('PUT', url, {
      as: ada,
      body: { title: 'A', description: 'd', status: 'pending' },
    }),
    await t.call('PUT', `${url}/completion`, { as: ada, body: { completed: false } }),
    await t.call('POST', `${url}/restore`, { as: ada }),
  ];
  for (const answer of same) expect(answer.json()).toEqual(first);
  let before = first;
  for (const title of ['B', 'C', 'D', 'E']) {
    const after = (await t.call('PATCH', url, { as: ada, body: { title } })).json();
    expect(after.version).toBe(before.version + 1);
    expect(after.updated_at > before.updated_at).toBe(true);
    expect(after.created_at).toBe(first.created_at);
    before = after;
  }
});

test('a change is later than the one before, although the clock has not moved or was set back', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada);
  await t.owner.query(
    "UPDATE tasks SET updated_at = now() + interval '1 hour' WHERE user_id = $1",
    [ada.id],
  );
  const url = `/api/v1/tasks/${id}`;
  const changes = [
    () => t.call('PATCH', url, { as: ada, body: { title: 'later' } }),
    () => t.call('PUT', `${url}/completion`, { as: ada, body: { completed: true } }),
    () => t.call('DELETE', url, { as: ada }),
    () => t.call('POST', `${url}/restore`, { as: ada }),
    () => t.call('POST', '/api/v1/tasks/bulk', { as: ada, body: { action: 'reopen', ids: [id] } }),
  ];
  const times = [(await t.call('GET', url, { as: ada })).json().updated_at];
  for (const change of changes) {
    expect((await change()).statusCode).toBeLessThan(300);
    times.push((await t.call('GET', url, { as: ada })).json().updated_at);
  }
  expect(times).toEqual([...new Set(times)].sort());
});

test('PUT /tasks/{id}/completion › sets and clears completed_at, and repeating it changes nothing', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada, { title: 'A', status: 'in_progress' });
  const set = async (completed: boolean) =>
    (
      await t.call('PUT', `/api/v1/tasks/${id}/completion`, { as: ada, body: { completed } })
    ).json();
  const done = await set(true);
  expect(done).toMatchObject({ status: 'completed', completed: true, version: 2 });
  expect(done.completed_at).toMatch(RFC_3339_MS);
  expect(await set(true)).toEqual(done);
  const open = await set(false);
  expect(open).toMatchObject({
    status: 'pending',
    completed: false,
    completed_at: null,
    version: 3,
  });
  expect(await set(false)).toEqual(open);
});

test('a completed task keeps the time of its completion while other fields change', async () => {
  const ada = await t.signIn();
  const task = await create(ada, { title: 'A', status: 'completed' });
  const url = `/api/v1/tasks/${task.id}`;
  const renamed = await t.call('PATCH', url, {
    as: ada,
    body: { title: 'B', status: 'completed' },
  });
  expect(renamed.json()).toMatchObject({ title: 'B', completed_at: task.completed_at });
});

test.each([
  '0',
  '-1',
  '1.5',
  '01',
  'abc',
  '9007199254740992',
  '1e3',
  '%20',
  '%00',
  '٣',
  '1'.repeat(300),
])('GET /tasks/%s › a malformed id is 404, as one that does not exist', async (id) => {
  const answer = await t.call('GET', `/api/v1/tasks/${encodeURI(decodeURI(id))}`, {
    as: await t.signIn(),
  });
  expect(answer.statusCode).toBe(404);
  expect(answer.headers['content-type']).toBe('application/problem+json');
});

test('an address that cannot be decoded is a 404 problem like any other', async () => {
  const answer = await t.call('GET', '/api/v1/tasks/%zz', { as: await t.signIn() });
  expect(answer.statusCode).toBe(404);
  expect(answer.json().instance).toBe(`urn:uuid:${answer.headers['x-request-id']}`);
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
});
