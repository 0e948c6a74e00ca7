import { expect, test } from 'vitest';
import { refreshCookie } from '../../../test/harness/accounts.ts';
import { addApiToken, bearer } from '../../../test/harness/api-tokens.ts';
import { useTestApp } from '../../../test/harness/app.ts';
import { play } from '../../../test/harness/golden.ts';
import { until } from '../../../test/harness/until.ts';

const t = useTestApp();
const TODOS = '/api/todos';

test('requests and answers are what they were once', async () => {
  const played = await play(t, await t.signIn(), [
    ['GET', TODOS],
    ['POST', TODOS, { text: 'Buy milk' }],
    ['POST', TODOS, { text: '  call <b>Mum</b> ☎️\n', completed: true, id: 5, tag: 'x' }],
    ['GET', TODOS],
    ['PUT', '/api/todos/{1}', { completed: true }],
    ['PUT', '/api/todos/{1}', { text: ' Buy oat milk ' }],
    ['PUT', '/api/todos/{1}', { text: 'Buy milk', completed: false }],
    ['PUT', '/api/todos/{1}', {}],
    ['POST', TODOS, {}],
    ['POST', TODOS, { text: ' \t\n\u00a0 ' }],
    ['POST', TODOS, { text: 5 }],
    ['POST', TODOS, { text: null }],
    ['POST', TODOS, []],
    ['POST', TODOS, '"text"'],
    ['POST', TODOS, '{"text": '],
    ['POST', TODOS],
    ['POST', TODOS, 'text=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['POST', TODOS, '{"text":"x"}', { 'content-type': 'text/plain' }],
    ['POST', TODOS, { text: 'x'.repeat(2001) }],
    ['POST', TODOS, { text: 'x\0' }],
    ['PUT', '/api/todos/{1}', { text: '' }],
    ['PUT', '/api/todos/{1}', { completed: 'yes' }],
    ['PUT', '/api/todos/{1}', []],
    ['PUT', '/api/todos/{1}', '{'],
    ['PUT', '/api/todos/999', { completed: true }],
    ['PUT', '/api/todos/nothing', { completed: true }],
    ['DELETE', '/api/todos/{2}'],
    ['DELETE', '/api/todos/{2}'],
    ['PUT', '/api/todos/{2}', { completed: true }],
    ['GET', TODOS],
    ['GET', TODOS, undefined, { authorization: '' }],
    ['GET', TODOS, undefined, { authorization: 'Bearer x' }],
    ['GET', TODOS, undefined, { authorization: 'Basic eDp5' }],
  ]);
  await expect(played).toMatchFileSnapshot('golden.txt');
});

test('fields that nobody knows are ignored, even those that mean something to JavaScript', async () => {
  const made = await t.call('POST', TODOS, {
    as: await t.signIn(),
    raw: '{"__proto__":{"completed":true},"constructor":{"prototype":1},"text":"x"}',
    headers: { 'content-type': 'application/json' },
  });
  expect(made.statusCode).toBe(201);
  expect(made.json()).toEqual({ id: expect.any(Number), text: 'x', completed: false });
});

test('a text of 2,000 characters of any kind is kept as it is, and everybody else reads it', async () => {
  const ada = await t.signIn();
  const text = ` ${'😀'.repeat(1998)} `;
  const made = await t.call('POST', TODOS, { as: ada, body: { text } });
  expect([made.statusCode, made.json().text]).toEqual([201, text]);
  const { id } = made.json();
  const path = `/api/v1/tasks/${id}`;
  expect((await t.call('GET', path, { as: ada })).json().title).toBe(text);
  for (const sort of ['title', '-title']) {
    const { items } = (await t.call('GET', `/api/v1/tasks?sort=${sort}`, { as: ada })).json();
    expect(items[0].title).toBe(text);
  }
  expect((await t.call('GET', '/api/v1/tasks?q=😀😀😀', { as: ada })).json().items).toHaveLength(1);
  // The others refuse to write it, and change what else there is of it.
  const patch = (body: object) => t.call('PATCH', path, { as: ada, body });
  expect((await patch({ title: text })).statusCode).toBe(400);
  expect((await patch({ status: 'completed', description: 'x' })).json().title).toBe(text);
});

test('titles that differ after 200 characters page as any others', async () => {
  const ada = await t.signIn();
  const ids = [];
  for (let i = 0; i < 4; i++) {
    const text = `${'界'.repeat(1990)}${i}`;
    ids.push((await t.call('POST', TODOS, { as: ada, body: { text } })).json().id);
  }
  const seen: number[] = [];
  for (let cursor = ''; ; ) {
    const page = (
      await t.call('GET', `/api/v1/tasks?sort=title&limit=1${cursor}`, { as: ada })
    ).json();
    seen.push(...page.items.map((it: { id: number }) => it.id));
    if (page.next_cursor === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
  expect(seen.sort()).toEqual(ids.sort());
});

test('a todo in progress stays so when it is said to be open', async () => {
  const ada = await t.signIn();
  const body = { title: 'x', status: 'in_progress' };
  const { id } = (await t.call('POST', '/api/v1/tasks', { as: ada, body })).json();
  await t.call('PUT', `${TODOS}/${id}`, { as: ada, body: { completed: false } });
  expect((await t.call('GET', `/api/v1/tasks/${id}`, { as: ada })).json().status).toBe(
    'in_progress',
  );
});

test('API tokens do what they are made for', async () => {
  const ada = await t.signIn();
  const { token } = await addApiToken(t.owner, ada.id, ['tasks:read']);
  expect((await t.call('GET', TODOS, { headers: bearer(token) })).statusCode).toBe(200);
  const refused = await t.call('POST', TODOS, { headers: bearer(token), body: { text: 'x' } });
  expect([refused.statusCode, refused.json()]).toEqual([
    403,
    { error: 'You do not have the permission for this.' },
  ]);
});

test.each(['google', 'github'])('/login/%s leads to the sign-in page', async (provider) => {
  const answer = await t.call('GET', `/login/${provider}`);
  expect([answer.statusCode, answer.headers.location]).toEqual([
    302,
    `/login?provider=${provider}`,
  ]);
});

test('/logout ends the session for a link of this site, and for no other request', async () => {
  const ada = await t.signIn();
  const follow = (headers: Record<string, string>) =>
    t.call('GET', '/logout', { headers: { cookie: refreshCookie(t.ctx, ada), ...headers } });
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin', 'sec-purpose': 'prefetch;prerender' },
    { 'sec-fetch-site': 'same-origin', purpose: 'prefetch' },
  ]) {
    const answer = await follow(headers as Record<string, string>);
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([302, undefined]);
    expect((await t.call('GET', TODOS, { as: ada })).statusCode).toBe(200);
  }
  const answer = await follow({ 'sec-fetch-site': 'same-origin' });
  expect([answer.statusCode, answer.headers.location]).toEqual([302, '/login']);
  expect(answer.headers['set-cookie']).toContain('Max-Age=0');
  await until(async () => (await t.call('GET', TODOS, { as: ada })).statusCode === 401);
});
