import { expect, test } from 'vitest';
import { useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

test('POST /tasks › 201 with the task, its address and its version', async () => {
  const ada = await t.signIn();
  const created = await t.call('POST', '/api/v1/tasks', { as: ada, body: { title: ' Water ' } });
  expect(created.statusCode).toBe(201);
  const task = created.json();
  expect(task).toMatchObject({ title: 'Water', description: null, status: 'pending', version: 1 });
  expect(created.headers.etag).toBe('"1"');
  expect(created.headers.location).toBe(`/api/v1/tasks/${task.id}`);
  const read = await t.call('GET', `/api/v1/tasks/${task.id}`, { as: ada });
  expect(read.json()).toEqual(task);
});
