import { beforeAll, expect, test } from 'vitest';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';
import { play } from '../../../test/harness/golden.ts';

const t = useTestApp();
let ada: TestUser;
beforeAll(async () => {
  ada = await t.signIn('ada');
});

test('requests and answers are what they were once', async () => {
  const played = await play(t, await t.signIn(), [
    ['GET', '/api/{user}/tasks'],
    ['POST', '/api/{user}/tasks', { title: '  Buy milk ', description: 'two litres' }],
    ['POST', '/api/{user}/tasks', { title: 'Call Bob', user_id: 'x', completed: true, id: 5 }],
    ['GET', '/api/{user}/tasks'],
    ['GET', '/api/{user}/tasks/{1}'],
    ['PUT', '/api/{user}/tasks/{1}', { title: 'Buy oat milk' }],
    ['PUT', '/api/{user}/tasks/{1}', { description: null, completed: true }],
    ['PUT', '/api/{user}/tasks/{1}', { title: null, completed: null }],
    ['PATCH', '/api/{user}/tasks/{1}/complete', { completed: false }],
    ['PATCH', '/api/{user}/tasks/{1}/complete', {}],
    ['POST', '/api/{user}/tasks', {}],
    ['POST', '/api/{user}/tasks', '{"title": }'],
    ['GET', '/api/{user}/tasks/999'],
    ['GET', '/api/{user}/tasks/abc'],
    ['DELETE', '/api/{user}/tasks/{2}'],
    ['GET', '/api/{user}/tasks/{2}'],
    ['DELETE', '/api/{user}/tasks/{2}'],
    ['GET', '/api/{user}/tasks'],
    ['GET', '/api/somebody-else/tasks'],
    ['GET', '/api/{user}/tasks', undefined, { authorization: '' }],
    ['GET', '/api/{user}/tasks', undefined, { authorization: 'Bearer x' }],
    ['GET', '/api/{user}/tasks', undefined, { authorization: 'Basic eDp5' }],
  ]);
  await expect(played).toMatchFileSnapshot('golden.txt');
});

test.each(['somebody-else', 'ADA', '%00', '..%2f..', 'a%0ab', '%F0%9F%98%80', 'null', '0'])(
  '/api/%s/tasks › 403 for whoever is called otherwise, before anything else is looked at',
  async (id) => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/1'],
      ['PUT', '/1'],
      ['DELETE', '/x'],
      ['PATCH', '/1/complete'],
    ] as const) {
      const answer = await t.call(method, `/api/${id}/tasks${path}`, {
        as: ada,
        ...(method !== 'GET' && { raw: '{', headers: { 'content-type': 'application/json' } }),
      });
      expect([method, answer.statusCode]).toEqual([method, 403]);
      expect(Object.keys(answer.json())).toEqual(['detail']);
    }
  },
);

test('403 for the id of another user, even in other letters', async () => {
  const bob = await t.signIn('bob');
  for (const id of [bob.id, ada.id.toUpperCase(), ` ${ada.id}`, `${ada.id}%20`]) {
    const answer = await t.call('GET', `/api/${encodeURI(id)}/tasks`, { as: ada });
    expect(answer.statusCode).toBe(403);
  }
});

test('401 before anything is said about the path or the body', async () => {
  for (const id of [ada.id, 'x']) {
    const answer = await t.call('POST', `/api/${id}/tasks`, { body: { title: 5 } });
    expect([answer.statusCode, answer.json()]).toEqual([401, { detail: 'Not authenticated' }]);
  }
});

test('a program with a token of its owner names its owner', async () => {
  const { token } = await addApiToken(t.owner, ada.id, ['tasks:read']);
  const read = await t.call('GET', `/api/${ada.id}/tasks`, { headers: bearer(token) });
  expect(read.statusCode).toBe(200);
  const written = await t.call('POST', `/api/${ada.id}/tasks`, {
    headers: bearer(token),
    body: { title: 'x' },
  });
  expect(written.statusCode).toBe(403);
});
