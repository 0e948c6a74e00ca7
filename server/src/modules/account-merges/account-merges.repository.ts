import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** A merge that can be undone. */
export interface MergeRow {
  id: string;
  /** Of the account that was merged. */
  email: string | null;
  name: string | null;
  task_count: number;
  created_at: string;
}

/** One merge of one person. */
interface MergeKey {
  userId: string;
  id: string;
}

interface NewMerge extends MergeKey {
  mergedUserId: string;
}

interface KeptDays {
  keepDays: number;
}

/** It took place not too long ago, and the other account lies as the merge left it, or stands again. */
const isUndoable = (p: KeptDays) => sql<boolean>`
  account_merges.undone_at is null
  and account_merges.created_at > now() - make_interval(days => ${p.keepDays}::int)
  and users.id = account_merges.merged_user_id
  and (users.deleted_at = account_merges.created_at
    or users.deleted_at is null and users.status <> 'disabled')`;

const COLUMNS = sql`account_merges.id, users.email, users.name, account_merges.task_count,
  account_merges.created_at`;

const holdStayingStatement = defineStatement<{ id: string }>(
  'account_merges.hold_staying',
  (p) => sql`select 1 from users where id = ${p.id}::uuid for no key update`,
);

/** Keeps new rows that refer to the account waiting as well. */
const holdGoingStatement = defineStatement<{ id: string }>(
  'account_merges.hold_going',
  (p) => sql`select 1 from users where id = ${p.id}::uuid for update`,
);

/** The time is that of the deletion in the same transaction, which is how one knows the other. */
const insertStatement = defineStatement<NewMerge>('account_merges.insert', (p) =>
  builder
    .insertInto('account_merges')
    .values({ user_id: p.userId, id: p.id, merged_user_id: p.mergedUserId }),
);

const addCountStatement = defineStatement<MergeKey & { count: number }>(
  'account_merges.add_count',
  (p) => sql`
    update account_merges set task_count = task_count + ${p.count}::int
    where user_id = ${p.userId}::uuid and id = ${p.id}::uuid`,
);

const findStatement = defineStatement<MergeKey & KeptDays, MergeRow & { merged_user_id: string }>(
  'account_merges.find',
  (p) => sql`
    select ${COLUMNS}, account_merges.merged_user_id from account_merges, users
    where user_id = ${p.userId}::uuid and account_merges.id = ${p.id}::uuid and ${isUndoable(p)}`,
);

const listStatement = defineStatement<{ userId: string } & KeptDays, MergeRow>(
  'account_merges.list',
  (p) => sql`
    select ${COLUMNS} from account_merges, users
    where user_id = ${p.userId}::uuid and ${isUndoable(p)}
    order by account_merges.created_at desc, account_merges.id desc`,
);

/** How the other account is when a merge of it is undone. */
interface OtherState {
  is_deleted: boolean;
  /** It has been restored, and somebody has signed in to it since. */
  is_in_use: boolean;
}

const undoStatement = defineStatement<MergeKey & KeptDays, OtherState>(
  'account_merges.undo',
  (p) => sql`
    update account_merges set undone_at = now() from users
    where user_id = ${p.userId}::uuid and account_merges.id = ${p.id}::uuid and ${isUndoable(p)}
    returning users.deleted_at is not null as is_deleted,
      users.deleted_at is null
        and coalesce(users.last_login_at > account_merges.created_at, false) as is_in_use`,
);

const isStandingStatement = defineStatement<MergeKey>(
  'account_merges.is_standing',
  (p) => sql`
    select 1 from account_merges join users on users.id = account_merges.merged_user_id
    where user_id = ${p.userId}::uuid and account_merges.id = ${p.id}::uuid and undone_at is null
      and users.deleted_at = account_merges.created_at`,
);

/** The time of any merge is over after so long. */
const purgeableStatement = defineStatement<KeptDays, { user_id: string; id: string }>(
  'account_merges.purgeable',
  (p) => sql`
    select user_id, id from account_merges
    where created_at < now() - make_interval(days => ${p.keepDays}::int)
    limit 1 for update skip locked`,
);

const deleteTasksStatement = defineStatement<MergeKey & { limit: number }>(
  'account_merges.delete_tasks',
  (p) => sql`
    delete from account_merge_tasks
    where user_id = ${p.userId}::uuid and merge_id = ${p.id}::uuid and original_id in (
      select original_id from account_merge_tasks
      where user_id = ${p.userId}::uuid and merge_id = ${p.id}::uuid
      order by original_id limit ${p.limit}::int)`,
);

const deleteStatement = defineStatement<MergeKey>('account_merges.delete', (p) =>
  builder.deleteFrom('account_merges').where('user_id', '=', p.userId).where('id', '=', p.id),
);

/**
 * Holds both accounts of a merge until the end of the transaction, in the order of their ids, so that
 * two merges never wait for each other in a circle. Nobody adds anything to the one that goes.
 */
export async function holdAccounts(
  db: Queryable,
  { userId, mergedUserId }: { userId: string; mergedUserId: string },
): Promise<void> {
  const holds = [holdStayingStatement({ id: userId }), holdGoingStatement({ id: mergedUserId })];
  if (mergedUserId < userId) holds.reverse();
  for (const hold of holds) await db.run(hold);
}

/** Stores a merge. */
export async function insertMerge(db: Queryable, merge: NewMerge): Promise<void> {
  await db.execute(insertStatement(merge));
}

/** Counts tasks that came with a merge. */
export async function addTaskCount(db: Queryable, key: MergeKey, count: number): Promise<void> {
  await db.execute(addCountStatement({ ...key, count }));
}

/** A merge of the person that can be undone. */
export async function findMerge(
  db: Queryable,
  key: MergeKey,
  keepDays: number,
): Promise<(MergeRow & { merged_user_id: string }) | undefined> {
  return (await db.run(findStatement({ ...key, keepDays })))[0];
}

/** Every merge of the person that can be undone, the latest first. */
export function listMerges(db: Queryable, userId: string, keepDays: number): Promise<MergeRow[]> {
  return db.run(listStatement({ userId, keepDays }));
}

/** Marks a merge as undone, at most once; answers how the other account is, undefined where it cannot be. */
export async function markUndone(
  db: Queryable,
  key: MergeKey,
  keepDays: number,
): Promise<OtherState | undefined> {
  return (await db.run(undoStatement({ ...key, keepDays })))[0];
}

/** Whether a merge has not been undone, and the other account lies as it left it. */
export async function isStanding(db: Queryable, key: MergeKey): Promise<boolean> {
  return (await db.run(isStandingStatement(key))).length > 0;
}

/** A merge that can be undone no longer, held until the end of the transaction. */
export async function findPurgeable(
  db: Queryable,
  keepDays: number,
): Promise<MergeKey | undefined> {
  const [row] = await db.run(purgeableStatement({ keepDays }));
  return row && { userId: row.user_id, id: row.id };
}

/** Forgets up to `limit` of the tasks that came; answers how many. */
export function deleteTaskRecords(db: Queryable, key: MergeKey, limit: number): Promise<number> {
  return db.execute(deleteTasksStatement({ ...key, limit }));
}

/** Forgets a merge. */
export async function deleteMerge(db: Queryable, key: MergeKey): Promise<void> {
  await db.execute(deleteStatement(key));
}
