import { expect, test } from 'vitest';
import { runJob } from '../../src/jobs.ts';
import type { TestUser } from '../harness/accounts.ts';
import { useTestApp } from '../harness/app.ts';
import { outcomeOf } from '../harness/mails.ts';
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

const tally = (outcomes: string[]) =>
  Object.fromEntries(
    [...new Set(outcomes)].map((it) => [it, outcomes.filter((o) => o === it).length]),
  );
const outcome = (answer: Awaited<ReturnType<typeof undo>>) =>
  answer.statusCode < 300 ? String(answer.statusCode) : outcomeOf(answer);

async function isDeleted({ id }: { id: string }): Promise<boolean> {
  const { rows } = await t.owner.query('SELECT deleted_at FROM users WHERE id = $1', [id]);
  return rows[0].deleted_at !== null;
}

/** Does what waits for requests that were under way. */
async function bringLateTasks(): Promise<void> {
  const { rows } = await t.owner.query(
    "DELETE FROM jobs.job WHERE name = 'account_merges.bring_late_tasks' RETURNING data",
  );
  for (const { data } of rows) await runJob(t.ctx, 'account_merges.bring_late_tasks', data);
}

test('two accounts merged into each other at once: one is left, with the tasks of both', async () => {
  for (let round = 0; round < 8; round++) {
    const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
    await addTasks(t, ada.id, [1, 2, 3]);
    await addTasks(t, bob.id, [3, 4]);
    const [one, other] = [await offerFor(t, ada, bob), await offerFor(t, bob, ada)];
    const answers = await Promise.all([takeOffer(t, ada, one), takeOffer(t, bob, other)]);
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    // Whoever comes second holds a session that has ended.
    expect(statuses).toEqual([201, 401]);
    const [left, gone] = answers[0]?.statusCode === 201 ? [ada, bob] : [bob, ada];
    expect([await isDeleted(left), await isDeleted(gone)]).toEqual([false, true]);
    expect((await tasksOf(t, left.id)).length).toBe(5);
  }
  expect(await areCountsRight(t)).toBe(true);
}, 60_000);

test('one account merged into several at once goes into one of them, whole', async () => {
  const bob = await t.signIn('bob');
  await addTasks(t, bob.id, [1, 2, 3, 4]);
  const people: [TestUser, string][] = [];
  for (let i = 0; i < 6; i++) {
    const person = await t.signIn();
    people.push([person, await offerFor(t, person, bob)]);
  }
  const answers = await Promise.all(people.map(([as, token]) => takeOffer(t, as, token)));
  expect(tally(answers.map(outcome))).toEqual({ 201: 1, '410 merge.offer_invalid': 5 });
  const counts = [];
  for (const [{ id }] of people) counts.push((await tasksOf(t, id)).length);
  expect(counts.sort()).toEqual([0, 0, 0, 0, 0, 4]);
});

test('20 times undone at once, a merge is undone once', async () => {
  const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
  await addTasks(t, bob.id, [1, 2]);
  const id = await merge(t, ada, bob);
  const answers = await Promise.all(Array.from({ length: 20 }, () => undo(t, ada, id)));
  expect(tally(answers.map(outcome))).toEqual({ 204: 1, '404 merge.not_found': 19 });
  expect((await tasksOf(t, bob.id)).length).toBe(2);
  expect(await areCountsRight(t)).toBe(true);
});

test('what both people do with their tasks meanwhile is neither lost nor doubled', async () => {
  for (let round = 0; round < 5; round++) {
    const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
    await addTasks(t, ada.id, [1, 2, 5, 6]);
    await addTasks(t, bob.id, [4, 5, 8, 9]);
    const token = await offerFor(t, ada, bob);
    const ids: string[] = [];
    let isDone = false;
    const work = async (as: TestUser, own: number[]) => {
      for (let i = 0; i < 40 && !(isDone && i > 20); i++) {
        const made = await t.call('POST', '/api/v1/tasks', {
          as,
          body: { title: `made ${i} by ${as.id}` },
        });
        if (made.statusCode === 201) ids.push(made.json().title);
        const answers = [
          await t.call('POST', '/api/v1/tasks/bulk', {
            as,
            body: { action: 'complete', ids: own },
          }),
          await t.call('PATCH', `/api/v1/tasks/${own[0]}`, { as, body: { title: `changed ${i}` } }),
        ];
        const statuses = [made, ...answers].map(({ statusCode }) => statusCode);
        expect(statuses.filter((it) => ![200, 201, 401, 404].includes(it))).toEqual([]);
      }
    };
    const taking = takeOffer(t, ada, token).finally(() => {
      isDone = true;
    });
    const [answer] = await Promise.all([taking, work(bob, [4, 5, 8]), work(ada, [1, 2, 6])]);
    expect(answer.statusCode).toBe(201);
    await bringLateTasks();
    expect(await tasksOf(t, bob.id)).toEqual([]);
    const titles = (await tasksOf(t, ada.id)).map(({ title }) => title);
    expect(titles).toHaveLength(8 + ids.length);
    expect(titles).toEqual(expect.arrayContaining(ids));
    const { items } = (await t.call('GET', MERGES, { as: ada })).json();
    expect(items[0].task_count).toBe(4 + ids.filter((it) => it.endsWith(bob.id)).length);
  }
  expect(await areCountsRight(t)).toBe(true);
}, 60_000);

test('a task stored after its account was merged follows; after that is undone, it stays', async () => {
  const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
  const id = await merge(t, ada, bob);
  await addTasks(t, bob.id, [1]);
  await bringLateTasks();
  expect((await tasksOf(t, ada.id)).map((task) => task.id)).toEqual(['1']);
  await undo(t, ada, id);
  await addTasks(t, bob.id, [2]);
  await runJob(t.ctx, 'account_merges.bring_late_tasks', { user_id: ada.id, merge_id: id });
  expect((await tasksOf(t, bob.id)).map((task) => task.id)).toEqual(['1', '2']);
});
