import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TestUser, useTestApp } from '../harness/app.ts';
import {
  addTasks,
  areCountsRight,
  MERGES,
  merge,
  offerFor,
  takeOffer,
  tasksOf,
  undo,
} from '../harness/merges.ts';

const t = useTestApp();
const RUNS = 25;

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 });

const withoutIds = (tasks: { id: string }[]) => tasks.map((task) => ({ ...task, id: '' }));
const byTitle = (a: { title: string }, b: { title: string }) => (a.title < b.title ? -1 : 1);

test('merging keeps every task of both, and undoing it gives back what was', async () => {
  const cases = fc.asyncProperty(ids, ids, async (own, others) => {
    const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
    await addTasks(t, ada.id, own);
    await addTasks(t, bob.id, others);
    const before = { ada: await tasksOf(t, ada.id), bob: await tasksOf(t, bob.id) };
    const id = await merge(t, ada, bob);
    const all = await tasksOf(t, ada.id);
    expect(withoutIds(all)).toEqual(withoutIds([...before.ada, ...before.bob].sort(byTitle)));
    expect(all).toEqual(expect.arrayContaining(before.ada));
    expect(await areCountsRight(t)).toBe(true);
    expect((await undo(t, ada, id)).statusCode).toBe(204);
    expect({ ada: await tasksOf(t, ada.id), bob: await tasksOf(t, bob.id) }).toEqual(before);
    expect(await areCountsRight(t)).toBe(true);
  });
  await fc.assert(cases, { numRuns: RUNS });
}, 120_000);

test('accounts merged one into the other, and undone from the last one on, are what they were', async () => {
  const cases = fc.asyncProperty(fc.tuple(ids, ids, ids), async (given) => {
    const people: TestUser[] = [];
    for (const own of given) {
      const person = await t.signIn();
      await addTasks(t, person.id, own);
      people.push(person);
    }
    const [ada, bob, cyd] = people as [TestUser, TestUser, TestUser];
    const stored = async () => [
      await tasksOf(t, ada.id),
      await tasksOf(t, bob.id),
      await tasksOf(t, cyd.id),
    ];
    const before = await stored();
    const first = await merge(t, bob, ada);
    const between = await stored();
    const second = await merge(t, cyd, bob);
    expect((await tasksOf(t, cyd.id)).length).toBe(given.flat().length);
    expect((await undo(t, cyd, second)).statusCode).toBe(204);
    expect(await stored()).toEqual(between);
    const again = { ...bob, accessToken: await signedInAgain(bob.email) };
    expect((await undo(t, again, first)).statusCode).toBe(204);
    expect(await stored()).toEqual(before);
  });
  await fc.assert(cases, { numRuns: 8 });
}, 120_000);

test('an account that an administrator has restored keeps what it got since, and merging can still be undone', async () => {
  const cases = fc.asyncProperty(ids, ids, async (own, later) => {
    const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
    const root = await t.signIn('root', ['user', 'admin']);
    await addTasks(t, bob.id, own);
    const id = await merge(t, ada, bob);
    const restored = await t.call('POST', `/api/v1/admin/users/${bob.id}/restore`, { as: root });
    expect(restored.statusCode).toBe(200);
    expect(await tasksOf(t, bob.id)).toEqual([]);
    await addTasks(t, bob.id, later);
    const came = await tasksOf(t, ada.id);
    const { items } = (await t.call('GET', MERGES, { as: ada })).json();
    expect(items.map((it: { id: string }) => it.id)).toEqual([id]);
    expect((await undo(t, ada, id)).statusCode).toBe(204);
    const all = await tasksOf(t, bob.id);
    expect(all).toHaveLength(own.length + later.length);
    const kept = came.filter((task) => !later.includes(Number(task.id)));
    expect(all).toEqual(expect.arrayContaining(kept));
    expect(await tasksOf(t, ada.id)).toEqual([]);
    expect(await areCountsRight(t)).toBe(true);
  });
  await fc.assert(cases, { numRuns: RUNS });
}, 120_000);

test('after a restored account is merged again, only the last of the merges can be undone', async () => {
  const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
  const root = await t.signIn('root', ['user', 'admin']);
  await addTasks(t, bob.id, [1, 2]);
  const first = await merge(t, ada, bob);
  await t.call('POST', `/api/v1/admin/users/${bob.id}/restore`, { as: root });
  await addTasks(t, bob.id, [3]);
  const offer = await offerFor(t, ada, bob);
  const second = (await takeOffer(t, ada, offer)).json().id;
  expect((await undo(t, ada, first)).statusCode).toBe(404);
  expect((await undo(t, ada, second)).statusCode).toBe(204);
  expect((await tasksOf(t, bob.id)).map((task) => task.id)).toEqual(['3']);
  expect((await undo(t, ada, first)).statusCode).toBe(204);
  expect((await tasksOf(t, bob.id)).map((task) => task.id)).toEqual(['1', '2', '3']);
});

async function signedInAgain(email: string): Promise<string> {
  const body = { email, password: 'correct horse battery staple' };
  return (await t.call('POST', '/api/v1/login', { body })).json().access_token;
}
