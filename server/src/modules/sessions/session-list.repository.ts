import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';
import { ACCOUNT_CHANGES_CHANNEL } from '../account-changes/account-changes.service.ts';
import type { SessionKey } from './sessions.repository.ts';

/** A session as its owner sees it. */
export interface ListedSession {
  id: string;
  user_agent: string | null;
  address: string | null;
  is_remembered: boolean;
  created_at: string;
  last_used_at: string;
  expires_at: string;
}

interface ListQuery {
  userId: string;
  /** Most rows to answer. */
  limit: number;
  /** When the session before the first was last used, and its id; null: from the beginning. */
  afterUsedAt: string | null;
  afterId: string | null;
}

const IS_LIVE = sql`ended_at is null and idle_expires_at > now() and absolute_expires_at > now()`;

const listStatement = defineStatement<ListQuery, ListedSession>(
  'sessions.list',
  (p) => sql`
    select id, user_agent, host(address) as address, is_remembered, created_at, last_used_at,
      least(idle_expires_at, absolute_expires_at) as expires_at
    from sessions
    where user_id = ${p.userId}::uuid and ${IS_LIVE}
      and (${p.afterUsedAt}::timestamptz is null
        or (last_used_at, id) < (${p.afterUsedAt}::timestamptz, ${p.afterId}::uuid))
    order by last_used_at desc, id desc
    limit ${p.limit}::int`,
);

const revokeStatement = defineStatement<SessionKey, { id: string }>('sessions.revoke', (p) =>
  revoking(sql`user_id = ${p.userId}::uuid and id = ${p.sessionId}::uuid`),
);

const revokeAllStatement = defineStatement<
  { userId: string; exceptId: string | null },
  { id: string }
>('sessions.revoke_all', (p) =>
  revoking(sql`user_id = ${p.userId}::uuid and id is distinct from ${p.exceptId}::uuid`),
);

/** Ends live sessions and tells every process of each. */
function revoking(condition: ReturnType<typeof sql>) {
  return sql<{ id: string }>`
    with ended as (
      update sessions set ended_at = now(), end_reason = 'revoked'
      where ${condition} and ${IS_LIVE} returning id
    )
    select id, pg_notify(${sql.lit(ACCOUNT_CHANGES_CHANNEL)}, 'session:' || id) from ended`;
}

/** The live sessions of a user, the one used last first. */
export function listSessions(db: Queryable, query: ListQuery): Promise<ListedSession[]> {
  return db.run(listStatement(query));
}

/** Ends a live session; answers whether there was one. */
export async function revokeSession(db: Queryable, key: SessionKey): Promise<boolean> {
  return (await db.run(revokeStatement(key))).length > 0;
}

/** Ends every live session of a user, but for one; answers how many. */
export async function revokeSessions(
  db: Queryable,
  userId: string,
  exceptId: string | null,
): Promise<number> {
  return (await db.run(revokeAllStatement({ userId, exceptId }))).length;
}
