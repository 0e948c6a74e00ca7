import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../../../test/harness/app.ts';

const t = useTestApp();

async function create(as: TestUser) {
  const { id } = (await t.call('POST', '/api/v1/tasks', { as, body: { title: 'A' } })).json();
  return `/api/v1/tasks/${id}`;
}

function rename(as: TestUser, url: string, title: string, ifMatch?: string) {
  return t.call('PATCH', url, {
    as,
    body: { title },
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });
}

test('If-Match › a stale version is 412 with the current ETag and changes nothing', async () => {
  const ada = await t.signIn();
  const url = await create(ada);
  await rename(ada, url, 'B');
  const attempts = [
    () => rename(ada, url, 'C', '"1"'),
    () =>
      t.call('PUT', url, {
        as: ada,
        body: { title: 'C', description: null, status: 'pending' },
        headers: { 'if-match': '"1"' },
      }),
    () =>
      t.call('PUT', `${url}/completion`, {
        as: ada,
        body: { completed: true },
        headers: { 'if-match': '"1"' },
      }),
    () => t.call('DELETE', url, { as: ada, headers: { 'if-match': '"1"' } }),
  ];
  for (const attempt of attempts) {
    const answer = await attempt();
    expect([answer.statusCode, answer.headers.etag]).toEqual([412, '"2"']);
    expect(answer.json().code).toBe('task.version_mismatch');
  }
  expect((await t.call('GET', url, { as: ada })).json()).toMatchObject({ title: 'B', version: 2 });
});

test.each(['"1"', 'W/"1"', '"7", "1"', '*'])(
  'If-Match: %s › lets version 1 be changed',
  async (tag) => {
    const ada = await t.signIn();
    expect((await rename(ada, await create(ada), 'B', tag)).statusCode).toBe(200);
  },
);

test.each(['1', 'garbage', '""', '"99999999999999999999"', '"-1"', '"1.0"'])(
  'If-Match: %s › names no version, so it is 412',
  async (tag) => {
    const ada = await t.signIn();
    expect((await rename(ada, await create(ada), 'B', tag)).statusCode).toBe(412);
  },
);

test('If-Match › a change that changes nothing still needs the right version', async () => {
  const ada = await t.signIn();
  expect((await rename(ada, await create(ada), 'A', '"2"')).statusCode).toBe(412);
});

test('If-None-Match › 304 without a body for the present version, 200 for another', async () => {
  const ada = await t.signIn();
  const url = await create(ada);
  const get = (tag: string) => t.call('GET', url, { as: ada, headers: { 'if-none-match': tag } });
  for (const tag of ['"1"', 'W/"1"', '"4", W/"1"', '*']) {
    const answer = await get(tag);
    expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([304, '', '"1"']);
  }
  expect((await get('"2"')).statusCode).toBe(200);
  await rename(ada, url, 'B');
  expect((await get('"1"')).statusCode).toBe(200);
});

test('20 conditional changes of one version at once › exactly one succeeds, no update is lost', async () => {
  const ada = await t.signIn();
  const url = await create(ada);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => rename(ada, url, `T${i}`, '"1"')),
  );
  const statuses = answers.map((answer) => answer.statusCode).sort();
  expect(statuses).toEqual([200, ...Array(19).fill(412)]);
  const winner = answers.find((answer) => answer.statusCode === 200)?.json();
  expect((await t.call('GET', url, { as: ada })).json()).toEqual(winner);
});

test('20 unconditional changes at once › each raises the version by one', async () => {
  const ada = await t.signIn();
  const url = await create(ada);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => rename(ada, url, `T${i}`)),
  );
  const versions = answers.map((answer) => answer.json().version).sort((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
});

test('20 creations with one id at once › one 201, the others find the same task', async () => {
  const ada = await t.signIn();
  const body = { id: 4242, title: 'once' };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => t.call('POST', '/api/v1/tasks', { as: ada, body })),
  );
  const statuses = answers.map((answer) => answer.statusCode).sort();
  expect(statuses).toEqual([...Array(19).fill(200), 201]);
});
