import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../harness/app.ts';

const t = useTestApp();
const IDS = [1, 2, 3, 4, 5, 6];

const id = fc.constantFrom(...IDS);
const status = fc.constantFrom('pending', 'in_progress', 'completed');
const key = fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined });

/** One request; many of them are refused, which must leave the counts alone too. */
const operation = fc.oneof(
  fc.record({
    method: fc.constant('POST'),
    path: fc.constant(''),
    body: fc.record({ id, title: fc.constant('x'), status }),
    key,
  }),
  fc.record({
    method: fc.constant('PATCH'),
    path: id.map((it) => `/${it}`),
    body: fc.record({ status }),
  }),
  fc.record({
    method: fc.constant('PUT'),
    path: id.map((it) => `/${it}/completion`),
    body: fc.record({ completed: fc.boolean() }),
  }),
  fc.record({ method: fc.constant('DELETE'), path: id.map((it) => `/${it}`) }),
  fc.record({ method: fc.constant('POST'), path: id.map((it) => `/${it}/restore`), key }),
  fc.record({
    method: fc.constant('POST'),
    path: fc.constant('/bulk'),
    body: fc.record({
      action: fc.constantFrom('complete', 'reopen', 'delete', 'restore'),
      ids: fc.array(id, { minLength: 1, maxLength: 6 }),
    }),
    key,
  }),
);

type Operation = { method: string; path: string; body?: object; key?: string | undefined };

async function run(as: TestUser, { method, path, body, key: given }: Operation) {
  const headers = given === undefined ? {} : { 'idempotency-key': given };
  const answer = await t.call(method, `/api/v1/tasks${path}`, {
    as,
    headers,
    ...(body && { body }),
  });
  expect(answer.statusCode, answer.body).toBeLessThan(500);
}

async function expectCountsToBeLists(as: TestUser) {
  const length = async (query: string) =>
    (await t.call('GET', `/api/v1/tasks?limit=100&${query}`, { as })).json().items.length;
  const lists = {
    pending: await length('status=pending'),
    in_progress: await length('status=in_progress'),
    completed: await length('status=completed'),
    trashed: await length('deleted=true'),
  };
  expect((await t.call('GET', '/api/v1/tasks/counts', { as })).json()).toEqual(lists);
  expect(lists.pending + lists.in_progress).toBe(await length('completed=false'));
}

test('counts equal the lengths of the lists after any sequence of requests', async () => {
  const cases = fc.asyncProperty(
    fc.array(operation, { minLength: 1, maxLength: 25 }),
    async (operations) => {
      const ada = await t.signIn();
      for (const it of operations) await run(ada, it);
      await expectCountsToBeLists(ada);
    },
  );
  await fc.assert(cases, { numRuns: 30 });
});

test('counts equal the lengths of the lists after any requests at once, of two people', async () => {
  const cases = fc.asyncProperty(
    fc.array(operation, { minLength: 2, maxLength: 40 }),
    async (operations) => {
      const people = [await t.signIn(), await t.signIn()];
      await Promise.all(operations.flatMap((it) => people.map((person) => run(person, it))));
      for (const person of people) await expectCountsToBeLists(person);
    },
  );
  await fc.assert(cases, { numRuns: 20 });
});

test('no request at once is answered with a failure of the server, and versions count the changes', async () => {
  const ada = await t.signIn();
  await run(ada, { method: 'POST', path: '', body: { id: 1, title: 'x' } });
  const toggles = Array.from({ length: 30 }, (_, i) => ({
    method: 'PUT',
    path: '/1/completion',
    body: { completed: i % 2 === 0 },
  }));
  const answers = await Promise.all(
    toggles.map(({ method, path, body }) =>
      t.call(method, `/api/v1/tasks${path}`, { as: ada, body }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200]));
  const last = (await t.call('GET', '/api/v1/tasks/1', { as: ada })).json();
  expect(last.version).toBe(Math.max(...answers.map((answer) => answer.json().version)));
  await expectCountsToBeLists(ada);
});
