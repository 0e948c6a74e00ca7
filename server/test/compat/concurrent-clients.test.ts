import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, addSession, type TestUser } from '../harness/accounts.ts';
import { startTestApp, TEST_SECRET_KEY, type TestApp } from '../harness/app.ts';
import { type Served, startServed } from '../harness/replicas.ts';

const CLIENTS = 100;

let served: Served;
let owner: pg.Client;
/** Signs tokens as the server does, without a sign-in for each client. */
let issuer: TestApp;

beforeAll(async () => {
  served = await startServed({ SECRET_KEY: TEST_SECRET_KEY });
  issuer = await startTestApp({ PUBLIC_URL: served.url }, { database: served.database });
  owner = new pg.Client(served.database.owner);
  await owner.connect();
});

afterAll(async () => {
  await owner?.end();
  await issuer?.close();
  await served?.stop();
});

const newPerson = async () => addSession(issuer.ctx, owner, await addAccount(owner));

/** Sends requests as somebody, and keeps the statuses of all answers. */
function clientOf(person: TestUser, statuses: number[]) {
  return async (method: string, path = '', body?: object) => {
    const answer = await fetch(`${served.url}/api/tasks${path}`, {
      method,
      headers: {
        authorization: `Bearer ${person.accessToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    statuses.push(answer.status);
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  };
}

function countsOf(statuses: number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('100 people at once work on their tasks without an error, and see their own alone', async () => {
  const people: TestUser[] = [];
  while (people.length < CLIENTS) people.push(await newPerson());
  const statuses: number[] = [];
  const lists = await Promise.all(
    people.map(async (person) => {
      const call = clientOf(person, statuses);
      const kept = await call('POST', '', { title: `kept by ${person.id}` });
      const gone = await call('POST', '', { title: `deleted by ${person.id}` });
      await call('PATCH', `/${kept.id}/toggle`);
      await call('PUT', `/${kept.id}`, { description: 'done' });
      await call('GET', `/${kept.id}`);
      await call('DELETE', `/${gone.id}`);
      return call('GET');
    }),
  );
  expect(countsOf(statuses)).toEqual({
    200: 4 * CLIENTS,
    201: 2 * CLIENTS,
    204: CLIENTS,
  });
  for (const [i, list] of lists.entries()) {
    const { id } = people[i] as TestUser;
    expect(list).toMatchObject([{ title: `kept by ${id}`, user_id: id, completed: true }]);
    expect(list).toHaveLength(1);
  }
});

test('100 programs of one person at once get all their answers, within the limit of one person', async () => {
  const person = await newPerson();
  const statuses: number[] = [];
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) => {
      const call = clientOf(person, statuses);
      const task = await call('POST', '', { title: `task ${i}` });
      await call('PATCH', `/${task.id}/toggle`);
      await call('GET', '?limit=10');
      await call('GET', `/${task.id}`);
    }),
  );
  expect(countsOf(statuses)).toEqual({ 200: 3 * CLIENTS, 201: CLIENTS });
  const list = await clientOf(person, [])('GET', '?completed=true');
  expect(list).toHaveLength(CLIENTS);
});
