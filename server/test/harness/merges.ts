import { TEST_PASSWORD, type TestUser } from './accounts.ts';
import type { TestApp } from './app.ts';

export const MERGES = '/api/v1/users/me/merges';

/** A task as it is stored, without whose it is. */
export interface StoredTask {
  id: string;
  title: string;
  status: string;
  version: number;
  deleted_at: string | null;
}

/** Asks for an offer to merge somebody's account into one's own, by their password. */
export function askForOffer(
  t: TestApp,
  as: TestUser,
  email: string,
  password: string = TEST_PASSWORD,
) {
  return t.call('POST', `${MERGES}/offers`, { as, body: { email, password } });
}

/** The token of an offer. */
export async function offerFor(t: TestApp, as: TestUser, other: { email: string }) {
  const answer = await askForOffer(t, as, other.email);
  return String(answer.json().token);
}

/** Takes an offer. */
export function takeOffer(t: TestApp, as: TestUser, token: string, password?: string) {
  return t.call('POST', MERGES, { as, body: { token, ...(password && { password }) } });
}

/** Merges somebody's account into one's own and answers the merge's id. */
export async function merge(t: TestApp, as: TestUser, other: { email: string }): Promise<string> {
  const answer = await takeOffer(t, as, await offerFor(t, as, other));
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json().id;
}

/** Undoes a merge. */
export function undo(t: TestApp, as: TestUser, id: string) {
  return t.call('POST', `${MERGES}/${id}/undo`, { as });
}

/** Tasks with ids of one's choice: open, in progress, completed, or in the trash, by turns. */
export async function addTasks(t: TestApp, userId: string, ids: number[]): Promise<void> {
  await t.owner.query(
    `INSERT INTO tasks (user_id, id, title, status, completed_at, deleted_at, version, created_at, updated_at)
     SELECT $1::uuid, id, 'task ' || id || ' of ' || $1::uuid,
       (array['pending', 'in_progress', 'completed'])[1 + id % 3],
       CASE WHEN id % 3 = 2 THEN now() - interval '1 hour' END,
       CASE WHEN id % 4 = 3 THEN now() - interval '1 minute' END,
       1 + id % 5, now() - make_interval(days => (id % 9)::int), now() - interval '2 minutes'
     FROM unnest($2::bigint[]) AS id`,
    [userId, ids],
  );
}

/** Every task of somebody as it is stored, by title. */
export async function tasksOf(t: TestApp, userId: string): Promise<StoredTask[]> {
  const { rows } = await t.owner.query(
    "SELECT to_jsonb(x) - 'user_id' AS task FROM tasks x WHERE user_id = $1 ORDER BY title, id",
    [userId],
  );
  return rows.map(({ task }) => ({ ...task, id: String(task.id) }));
}

/** Whether the kept counts of everybody are what a count of the tasks gives. */
export async function areCountsRight(t: TestApp): Promise<boolean> {
  const { rows } = await t.owner.query(
    `SELECT 1 FROM (
       SELECT user_id, count(*) FILTER (WHERE deleted_at IS NULL AND status = 'pending') AS pending,
         count(*) FILTER (WHERE deleted_at IS NULL AND status = 'in_progress') AS in_progress,
         count(*) FILTER (WHERE deleted_at IS NULL AND status = 'completed') AS completed,
         count(*) FILTER (WHERE deleted_at IS NOT NULL) AS trashed
       FROM tasks GROUP BY user_id
     ) AS counted FULL JOIN task_counts AS kept USING (user_id)
     WHERE (coalesce(kept.pending, 0), coalesce(kept.in_progress, 0), coalesce(kept.completed, 0),
         coalesce(kept.trashed, 0))
       <> (coalesce(counted.pending, 0), coalesce(counted.in_progress, 0),
         coalesce(counted.completed, 0), coalesce(counted.trashed, 0))`,
  );
  return rows.length === 0;
}
