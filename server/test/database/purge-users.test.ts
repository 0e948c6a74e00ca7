import { beforeEach, expect, test } from 'vitest';
import { runJob } from '../../src/jobs.ts';
import { useTestApp } from '../harness/app.ts';
import { statementsOf } from '../harness/statements.ts';

const t = useTestApp();
/** More than a transaction deletes, and not a multiple of it. */
const COUNT = 12_001;
let id: string;

beforeEach(async () => {
  ({ id } = await t.addAccount({ isDeleted: true }));
  await t.owner.query("UPDATE users SET deleted_at = now() - interval '31 days' WHERE id = $1", [
    id,
  ]);
  await t.owner.query(
    "INSERT INTO tasks (user_id, id, title) SELECT $1, n, 'x' FROM generate_series(1, $2::int) n",
    [id, COUNT],
  );
});

async function leftOf(table: string): Promise<number> {
  const { rows } = await t.owner.query(`SELECT count(*)::int FROM ${table} WHERE user_id = $1`, [
    id,
  ]);
  return rows[0].count;
}

test('an account with much in it is purged in several transactions', async () => {
  const statements = await statementsOf(async () => {
    expect(await runJob(t.ctx, 'users.purge')).toBe(1);
  });
  const counts = [await leftOf('tasks'), await leftOf('task_counts'), await leftOf('user_roles')];
  expect(counts).toEqual([0, 0, 0]);
  // Three that delete tasks, of which the last takes the account along; one that finds nobody.
  expect(statements.filter((text) => text === 'COMMIT')).toHaveLength(4);
});

test('a process that is told to stop leaves the rest to the next one', async () => {
  t.ctx.isStopping = true;
  expect(await runJob(t.ctx, 'users.purge')).toBe(0);
  t.ctx.isStopping = false;
  const left = await leftOf('tasks');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(COUNT);
  expect(await runJob(t.ctx, 'users.purge')).toBe(1);
  expect(await leftOf('tasks')).toBe(0);
});

test('traces in the audit log go in several transactions too', async () => {
  await t.owner.query(
    `WITH event AS (
       INSERT INTO audit_events (actor_kind, action, target_kind, user_id)
       SELECT 'anonymous', 'session.refused', 'user', $1 FROM generate_series(1, 5001)
       RETURNING position
     )
     INSERT INTO audit_personal (position, part, user_id, salt, data)
     SELECT position, 'origin', $1, 's', '{}' FROM event`,
    [id],
  );
  await t.owner.query('DELETE FROM tasks WHERE user_id = $1', [id]);
  const statements = await statementsOf(() => runJob(t.ctx, 'users.purge'));
  expect(await leftOf('audit_personal')).toBe(0);
  expect(statements.filter((text) => text === 'COMMIT')).toHaveLength(3);
});
