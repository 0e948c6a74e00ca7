import { expect, test } from 'vitest';
import { runJob } from '../../src/jobs.ts';
import { useTestApp } from '../harness/app.ts';
import { areCountsRight, merge, offerFor, takeOffer, undo } from '../harness/merges.ts';

const t = useTestApp();
const COUNT = 100_000;
/** Several times what it takes; a plan that grew faster than the tasks would take minutes. */
const MOST_MS = 60_000;

async function counts(...ids: string[]): Promise<number[]> {
  const { rows } = await t.owner.query(
    'SELECT user_id, count(*)::int FROM tasks WHERE user_id = ANY($1) GROUP BY user_id',
    [ids],
  );
  return ids.map((id) => rows.find((row) => row.user_id === id)?.count ?? 0);
}

test('100,000 tasks come within seconds, half of them under other ids, and go back', async () => {
  const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title)
     SELECT $1::uuid, n, 'Buy milk and bread ' || n FROM generate_series(1, $3::int) n
     UNION ALL SELECT $2::uuid, n, 'Water the plants ' || n FROM generate_series(1, $3::int / 2) n`,
    [bob.id, ada.id, COUNT],
  );
  const token = await offerFor(t, ada, bob);
  let startedAt = performance.now();
  const merged = await takeOffer(t, ada, token);
  const mergeMs = performance.now() - startedAt;
  expect([merged.statusCode, merged.json().task_count]).toEqual([201, COUNT]);
  expect(await counts(ada.id, bob.id)).toEqual([COUNT * 1.5, 0]);
  startedAt = performance.now();
  expect((await undo(t, ada, merged.json().id)).statusCode).toBe(204);
  const undoMs = performance.now() - startedAt;
  expect(await counts(ada.id, bob.id)).toEqual([COUNT / 2, COUNT]);
  const { rows } = await t.owner.query(
    'SELECT count(*)::int, max(id)::int FROM tasks WHERE user_id = $1',
    [bob.id],
  );
  expect(rows).toEqual([{ count: COUNT, max: COUNT }]);
  expect(await areCountsRight(t)).toBe(true);
  expect(Math.max(mergeMs, undoMs)).toBeLessThan(MOST_MS);
}, 240_000);

test('when the merged account is purged, nothing tells of it, and its tasks stay', async () => {
  const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
  await t.owner.query(
    "INSERT INTO tasks (user_id, id, title) SELECT $1, n, 'x' FROM generate_series(1, 12001) n",
    [bob.id],
  );
  const id = await merge(t, ada, bob);
  await offerFor(t, ada, await t.addAccount());
  await t.owner.query(
    `WITH merged AS (
       UPDATE account_merges SET created_at = created_at - interval '31 days' WHERE id = $1
     ), offers AS (UPDATE merge_offers SET expires_at = now() - interval '1 second')
     UPDATE users SET deleted_at = deleted_at - interval '31 days' WHERE id = $2`,
    [id, bob.id],
  );
  // Offers, and at least three batches of the tasks that came.
  expect(await runJob(t.ctx, 'account_merges.purge')).toBeGreaterThanOrEqual(5);
  expect(await runJob(t.ctx, 'account_merges.purge')).toBe(0);
  expect(await runJob(t.ctx, 'users.purge')).toBe(1);
  const left: number[] = [];
  for (const table of ['account_merges', 'account_merge_tasks', 'merge_offers']) {
    const { rows } = await t.owner.query(
      `SELECT count(*)::int FROM ${table} x WHERE strpos(to_jsonb(x)::text, $1) > 0 OR user_id = $2`,
      [bob.id, ada.id],
    );
    left.push(rows[0].count);
  }
  expect(left).toEqual([0, 0, 0]);
  expect(await counts(ada.id)).toEqual([12_001]);
});

test('an account that is purged takes the merge along, whichever of the two it is', async () => {
  for (const goes of [0, 1]) {
    const [ada, bob] = [await t.signIn('ada'), await t.signIn('bob')];
    await t.owner.query("INSERT INTO tasks (user_id, id, title) VALUES ($1, 1, 'x')", [bob.id]);
    await merge(t, ada, bob);
    await t.owner.query("UPDATE users SET deleted_at = now() - interval '31 days' WHERE id = $1", [
      [ada, bob][goes]?.id,
    ]);
    expect(await runJob(t.ctx, 'users.purge')).toBe(1);
    const { rows } = await t.owner.query(
      `SELECT 1 FROM account_merges WHERE user_id = $1 UNION ALL
       SELECT 1 FROM account_merge_tasks WHERE user_id = $1`,
      [ada.id],
    );
    expect(rows).toEqual([]);
  }
});
