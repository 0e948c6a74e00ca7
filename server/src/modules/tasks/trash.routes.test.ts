import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

async function create(as: TestUser, title = 'Water') {
  return (await t.call('POST', '/api/v1/tasks', { as, body: { title } })).json();
}

test('DELETE /tasks/{id} › 204; the task reads as 200 with deleted_at and leaves the list', async () => {
  const ada = await t.signIn();
  const task = await create(ada);
  const url = `/api/v1/tasks/${task.id}`;
  const deleted = await t.call('DELETE', url, { as: ada });
  expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
  const read = (await t.call('GET', url, { as: ada })).json();
  expect(read).toMatchObject({ version: 2, title: 'Water' });
  expect(read.deleted_at).not.toBeNull();
  expect((await t.call('GET', '/api/v1/tasks', { as: ada })).json().items).toEqual([]);
  expect((await t.call('GET', '/api/v1/tasks?deleted=true', { as: ada })).json().items).toEqual([
    read,
  ]);
});

test('a task in the trash is 404 to every change and to another deletion, with or without If-Match', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada);
  const url = `/api/v1/tasks/${id}`;
  await t.call('DELETE', url, { as: ada });
  const whole = { title: 'x', description: null, status: 'pending' };
  const attempts = [
    ['PUT', url, whole],
    ['PATCH', url, { title: 'x' }],
    ['PUT', `${url}/completion`, { completed: true }],
    ['DELETE', url, undefined],
  ] as const;
  for (const headers of [{}, { 'if-match': '"1"' }]) {
    for (const [method, path, body] of attempts) {
      const answer = await t.call(method, path, { as: ada, headers, ...(body && { body }) });
      expect([method, answer.statusCode]).toEqual([method, 404]);
    }
  }
});

test('POST /tasks/{id}/restore › brings the task back as it was, and again changes nothing', async () => {
  const ada = await t.signIn();
  const task = await create(ada);
  const url = `/api/v1/tasks/${task.id}`;
  await t.call('DELETE', url, { as: ada });
  const restored = await t.call('POST', `${url}/restore`, { as: ada });
  expect(restored.statusCode).toBe(200);
  expect(restored.json()).toEqual({ ...task, version: 3, updated_at: restored.json().updated_at });
  expect(restored.headers.etag).toBe('"3"');
  const again = await t.call('POST', `${url}/restore`, { as: ada, body: {} });
  expect(again.json()).toEqual(restored.json());
});

test('POST /tasks/{id}/restore › 412 for another version, in the trash and outside', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada);
  const url = `/api/v1/tasks/${id}`;
  const restore = (version: number) =>
    t.call('POST', `${url}/restore`, { as: ada, headers: { 'if-match': `"${version}"` } });
  expect((await restore(9)).statusCode).toBe(412);
  await t.call('DELETE', url, { as: ada });
  const stale = await restore(1);
  expect([stale.statusCode, stale.headers.etag]).toEqual([412, '"2"']);
  expect((await restore(2)).statusCode).toBe(200);
});

test('POST /tasks/{id}/restore › 404 for a task that does not exist, 400 for a field that it does not know', async () => {
  const ada = await t.signIn();
  const { id } = await create(ada);
  expect((await t.call('POST', '/api/v1/tasks/1/restore', { as: ada })).statusCode).toBe(404);
  const unknown = await t.call('POST', `/api/v1/tasks/${id}/restore`, {
    as: ada,
    body: { force: true },
  });
  expect(unknown.statusCode).toBe(400);
});
