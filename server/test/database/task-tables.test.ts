import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { constraintOf } from '../../src/platform/postgres/errors.ts';
import { useTestDatabase } from '../harness/database.ts';

const database = useTestDatabase();
let owner: pg.Client;
const USERS = [1, 2, 3].map((n) => `00000000-0000-7000-8000-00000000000${n}`);

beforeAll(async () => {
  owner = await connectClient(database.owner);
});
afterAll(() => owner.end());
beforeEach(async () => {
  await owner.query('DELETE FROM users');
  await owner.query(
    'INSERT INTO users (id, email, email_canonical) SELECT id, id::text, id::text FROM unnest($1::uuid[]) AS id',
    [USERS],
  );
});

/** What `task_counts` says against what counting says, for every user. */
async function counts(): Promise<{ kept: unknown[]; counted: unknown[] }> {
  const kept = await owner.query(
    `SELECT user_id, pending, in_progress, completed, trashed FROM task_counts
     WHERE pending + in_progress + completed + trashed > 0 ORDER BY user_id`,
  );
  const counted = await owner.query(
    `SELECT user_id,
       count(*) FILTER (WHERE deleted_at IS NULL AND status = 'pending') AS pending,
       count(*) FILTER (WHERE deleted_at IS NULL AND status = 'in_progress') AS in_progress,
       count(*) FILTER (WHERE deleted_at IS NULL AND status = 'completed') AS completed,
       count(*) FILTER (WHERE deleted_at IS NOT NULL) AS trashed
     FROM tasks GROUP BY user_id ORDER BY user_id`,
  );
  return { kept: kept.rows, counted: counted.rows };
}

async function expectRightCounts(): Promise<void> {
  const { kept, counted } = await counts();
  expect(kept).toEqual(counted);
}

/** Statements as they come, over all users at once or one alone. `$1` limits ids, `$2` the user. */
const CHANGES = {
  insert: `INSERT INTO tasks (user_id, id, title, status, completed_at)
    SELECT u, $1 + n, 't', s, CASE s WHEN 'completed' THEN now() END
    FROM unnest(coalesce($2::uuid[], '{}')) u, generate_series(1, 3) n,
      lateral (SELECT (array['pending', 'in_progress', 'completed'])[n] AS s) x
    ON CONFLICT DO NOTHING`,
  complete: `UPDATE tasks SET status = 'completed', completed_at = coalesce(completed_at, now())
    WHERE user_id = ANY ($2) AND id >= $1`,
  reopen: `UPDATE tasks SET status = 'pending', completed_at = NULL
    WHERE user_id = ANY ($2) AND id >= $1 AND status = 'completed'`,
  rename: `UPDATE tasks SET title = title || 'x' WHERE user_id = ANY ($2) AND id >= $1`,
  trash: 'UPDATE tasks SET deleted_at = now() WHERE user_id = ANY ($2) AND id >= $1',
  restore: 'UPDATE tasks SET deleted_at = NULL WHERE user_id = ANY ($2) AND id >= $1',
  purge: `DELETE FROM tasks WHERE user_id = ANY ($2) AND id >= $1 AND deleted_at IS NOT NULL`,
  upsert: `INSERT INTO tasks (user_id, id, title) SELECT u, $1 + 1, 'u' FROM unnest($2::uuid[]) u
    ON CONFLICT (user_id, id) DO UPDATE
    SET title = 'u', status = 'in_progress', completed_at = NULL, deleted_at = NULL`,
};
type Change = keyof typeof CHANGES;
const change = fc.record({
  kind: fc.constantFrom(...(Object.keys(CHANGES) as Change[])),
  id: fc.integer({ min: 0, max: 6 }),
  users: fc.shuffledSubarray(USERS, { minLength: 1 }),
});

describe('task_counts', () => {
  it('equals what counting gives, after any sequence of changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        await owner.query('DELETE FROM tasks');
        for (const { kind, id, users } of changes) await owner.query(CHANGES[kind], [id, users]);
        await expectRightCounts();
      }),
      { numRuns: 40 },
    );
  });

  it('takes no part in a change that is rolled back', async () => {
    await owner.query('BEGIN');
    await owner.query(CHANGES.insert, [1, USERS]);
    await owner.query('ROLLBACK');
    await expectRightCounts();
  });

  it('goes away with its user', async () => {
    await owner.query(CHANGES.insert, [1, USERS]);
    await owner.query('DELETE FROM users WHERE id = $1', [USERS[0]]);
    const { kept } = await counts();
    expect(kept).toHaveLength(2);
    await expectRightCounts();
  });

  it('survives statements over everybody, in any order, at the same time: right and without deadlock', async () => {
    await owner.query(CHANGES.insert, [1, USERS]);
    await owner.query(CHANGES.insert, [10, USERS]);
    // Rows are locked by user and id, as every statement over several tasks must.
    const locked = `(user_id, id) IN (SELECT user_id, id FROM tasks
      WHERE user_id = ANY ($1::uuid[]) ORDER BY user_id, id FOR UPDATE)`;
    const updates = [
      `UPDATE tasks SET deleted_at = now() WHERE ${locked}`,
      `UPDATE tasks SET deleted_at = NULL WHERE ${locked}`,
      `UPDATE tasks SET status = 'completed', completed_at = now() WHERE ${locked}`,
      `UPDATE tasks SET status = 'in_progress', completed_at = NULL WHERE ${locked}`,
    ];
    const insert = `INSERT INTO tasks (user_id, id, title)
      SELECT u, floor(random() * 1e9)::bigint + 1000, 't' FROM unnest($1::uuid[]) u`;
    // On bare connections, where nothing repeats a statement that ended in a deadlock.
    const worker = async (seed: number) => {
      const client = await connectClient(database.serving);
      const users = seed % 4 < 2 ? USERS : USERS.toReversed();
      for (let n = 0; n < 25; n++) {
        const text = seed % 2 === 0 ? insert : (updates[(n + seed) % updates.length] ?? '');
        await client.query(text, [users]);
      }
      await client.end();
    };
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(worker));
    await expectRightCounts();
  });

  it('is not touched by a change that leaves status and trash alone', async () => {
    await owner.query(CHANGES.insert, [1, USERS]);
    const versions = async () =>
      (await owner.query('SELECT user_id, xmin::text FROM task_counts ORDER BY 1')).rows;
    const before = await versions();
    await owner.query(CHANGES.rename, [0, USERS]);
    expect(await versions()).toEqual(before);
  });
});

describe('tasks', () => {
  const insert = async (columns: Record<string, unknown>) => {
    const row = { user_id: USERS[0], id: 1, title: 't', ...columns };
    const names = Object.keys(row);
    const places = names.map((_, i) => `$${i + 1}`);
    const text = `INSERT INTO tasks (${names}) VALUES (${places}) RETURNING is_open`;
    return owner.query(text, Object.values(row)).then(
      ({ rows }) => rows[0],
      (error) => constraintOf(error) ?? error,
    );
  };

  it('take titles of 2,000 characters of any script, which their index can hold', async () => {
    expect(await insert({ title: '𝒳'.repeat(2000), description: '𝒳'.repeat(2000) })).toEqual({
      is_open: true,
    });
    const noise = Array.from({ length: 2000 }, (_, i) =>
      String.fromCodePoint(0x20000 + ((i * 7919) % 40_000)),
    ).join('');
    expect(await insert({ id: 2, title: noise })).toEqual({ is_open: true });
  });

  it.each([
    [{ title: '' }, 'tasks_title_check'],
    [{ title: 'x'.repeat(2001) }, 'tasks_title_check'],
    [{ description: 'x'.repeat(2001) }, 'tasks_description_check'],
    [{ id: 0 }, 'tasks_id_check'],
    [{ id: '9007199254740992' }, 'tasks_id_check'],
    [{ status: 'done' }, 'tasks_status_check'],
    [{ status: 'completed' }, 'tasks_completed_at_check'],
    [{ completed_at: '2026-01-01' }, 'tasks_completed_at_check'],
    [{ user_id: '00000000-0000-7000-8000-0000000000ff' }, 'tasks_user_id_fkey'],
  ])('refuse %j by %s', async (columns, constraint) => {
    expect(await insert(columns)).toBe(constraint);
  });

  it('have an id once a user', async () => {
    await insert({});
    expect(await insert({ title: 'other' })).toBe('tasks_pkey');
    expect(await insert({ user_id: USERS[1] })).toEqual({ is_open: true });
  });

  it('sort titles as people do, numbers by value', async () => {
    const titles = ['b 10', 'B 2', 'a', 'A', 'ä', 'z', 'Éa', 'ez', 'b 2'];
    for (const [i, title] of titles.entries()) await insert({ id: i + 1, title });
    const { rows } = await owner.query(
      'SELECT title FROM tasks ORDER BY left(title, 200) COLLATE natural_order, id',
    );
    expect(rows.map((row) => row.title)).toEqual([
      'a',
      'A',
      'ä',
      'b 2',
      'B 2',
      'b 10',
      'Éa',
      'ez',
      'z',
    ]);
  });
});
