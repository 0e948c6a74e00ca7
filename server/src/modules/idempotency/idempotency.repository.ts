import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** What a key belongs to: the same key of another user, method or path is another key. */
export interface IdempotencyScope {
  userId: string;
  method: string;
  path: string;
  key: string;
}

export interface StoredAnswerRow {
  request_hash: Buffer;
  status: number;
  headers: Record<string, string>;
  body: string;
}

type NewAnswer = IdempotencyScope & {
  requestHash: Buffer;
  status: number;
  headers: string;
  body: string;
};

const lockStatement = defineStatement<{ name: string }, { is_locked: boolean }>(
  'idempotency.lock',
  (p) => sql`select pg_try_advisory_xact_lock(hashtextextended(${p.name}::text, 1)) as is_locked`,
);

const findStatement = defineStatement<IdempotencyScope & { lifeHours: number }, StoredAnswerRow>(
  'idempotency.find',
  (p) =>
    builder
      .selectFrom('idempotency_records')
      .select(['request_hash', 'status', 'headers', 'body'])
      .where('user_id', '=', p.userId)
      .where('method', '=', p.method)
      .where('path', '=', p.path)
      .where('key', '=', p.key)
      .where(sql<boolean>`created_at > now() - make_interval(hours => ${p.lifeHours}::int)`),
);

/** A record that has outlived its time but is not purged yet gives way. */
const insertStatement = defineStatement<NewAnswer>('idempotency.insert', (p) =>
  builder
    .insertInto('idempotency_records')
    .values({
      user_id: p.userId,
      method: p.method,
      path: p.path,
      key: p.key,
      request_hash: p.requestHash,
      status: p.status,
      headers: sql`${p.headers}::jsonb`,
      body: p.body,
    })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'method', 'path', 'key']).doUpdateSet({
        request_hash: sql`excluded.request_hash`,
        status: sql`excluded.status`,
        headers: sql`excluded.headers`,
        body: sql`excluded.body`,
        created_at: sql`now()`,
      }),
    ),
);

const purgeStatement = defineStatement<{ lifeHours: number; limit: number }>(
  'idempotency.purge',
  (p) =>
    builder.deleteFrom('idempotency_records').where(
      sql<boolean>`(user_id, method, path, key) in (
          select user_id, method, path, key from idempotency_records
          where created_at < now() - make_interval(hours => ${p.lifeHours}::int)
          limit ${p.limit}::int for update skip locked)`,
    ),
);

/** Takes the key until the transaction ends; false where another request holds it. */
export async function tryLockKey(tx: Queryable, scope: IdempotencyScope): Promise<boolean> {
  const name = JSON.stringify([scope.userId, scope.method, scope.path, scope.key]);
  const [row] = await tx.run(lockStatement({ name }));
  return row?.is_locked ?? false;
}

/** The answer given under a key in the last `lifeHours`. */
export async function findAnswer(
  tx: Queryable,
  scope: IdempotencyScope,
  lifeHours: number,
): Promise<StoredAnswerRow | undefined> {
  return (await tx.run(findStatement({ ...scope, lifeHours })))[0];
}

/** Keeps an answer under its key. */
export async function insertAnswer(tx: Queryable, answer: NewAnswer): Promise<void> {
  await tx.execute(insertStatement(answer));
}

/** Deletes up to `limit` records older than `lifeHours`; answers how many. */
export function deleteOldAnswers(db: Queryable, lifeHours: number, limit: number): Promise<number> {
  return db.execute(purgeStatement({ lifeHours, limit }));
}
