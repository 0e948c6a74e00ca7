import { SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
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

describe('with a token of another front end', () => {
  const SECRET = 'the secret of another front end, long enough';
  const foreign = useTestApp({ BETTER_AUTH_SECRET: SECRET });
  const subject = 'front|end/Ünï 1';

  async function tokenOf(sub: string): Promise<string> {
    return new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(SECRET));
  }

  async function call(method: string, path: string, body?: object) {
    const headers = bearer(await tokenOf(subject));
    return foreign.call(method, path, { headers, ...(body && { body }) });
  }

  test('the path and the answers name its subject, here and in the flat list', async () => {
    const base = `/api/${encodeURIComponent(subject)}/tasks`;
    const made = await call('POST', base, { title: 'x' });
    expect([made.statusCode, made.json().user_id]).toEqual([201, subject]);
    const { id } = made.json();
    expect((await call('GET', base)).json()).toMatchObject([{ id, user_id: subject }]);
    const completed = await call('PATCH', `${base}/${id}/complete`, { completed: true });
    expect(completed.json()).toMatchObject({ id, user_id: subject, completed: true });
    expect((await call('GET', `/api/tasks/${id}`)).json()).toMatchObject({ user_id: subject });
    expect((await call('GET', '/protected')).json()).toEqual({ user_id: subject });
  });

  test('the id that the user has in Docket is not theirs to use, nor a path beyond its own', async () => {
    await call('GET', '/protected');
    const { rows } = await foreign.owner.query('SELECT id FROM users');
    for (const name of [...rows.map((row) => row.id), 'front', subject.toUpperCase()]) {
      const answer = await call('GET', `/api/${encodeURIComponent(name)}/tasks`);
      expect(answer.statusCode).toBe(403);
    }
  });

  test.each(['v1', 'auth', 'tasks', 'todos', 'docs', 'openapi.json'])(
    'a subject named %s reaches nothing by its name, and its tasks by the flat list',
    async (name) => {
      const headers = bearer(await tokenOf(name));
      const body = { title: 'x' };
      const made = await foreign.call('POST', `/api/${name}/tasks`, { headers, body });
      expect(made.statusCode).toBe(name === 'v1' ? 401 : 404);
      expect((await foreign.call('GET', '/protected', { headers })).json()).toEqual({
        user_id: name,
      });
    },
  );
});
