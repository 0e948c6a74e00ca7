import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';

export const CHANNEL = 'docket_account_changes';

const raiseStatement = defineStatement<{ userId: string }>(
  'account_changes.raise',
  (p) => sql`
    with raised as (
      update users set auth_version = auth_version + 1 where id = ${p.userId}::uuid returning id
    )
    select pg_notify(${sql.lit(CHANNEL)}, 'user:' || id) from raised`,
);

/** In the order of ids, so that two of these never wait for each other in a circle. */
const raiseOfRoleStatement = defineStatement<{ roleName: string }>(
  'account_changes.raise_of_role',
  (p) => sql`
    with affected as (
      select users.id from users join user_roles on user_roles.user_id = users.id
      where user_roles.role_name = ${p.roleName} order by users.id for update of users
    ), raised as (
      update users set auth_version = auth_version + 1
      where id in (select id from affected) returning id
    )
    select pg_notify(${sql.lit(CHANNEL)}, 'all:') from raised limit 1`,
);

const announceStatement = defineStatement<{ message: string }>(
  'account_changes.announce',
  (p) => sql`select pg_notify(${sql.lit(CHANNEL)}, ${p.message})`,
);

/** Raises a user's `auth_version` and announces it. */
export function raiseAuthVersion(db: Queryable, userId: string): Promise<unknown> {
  return db.run(raiseStatement({ userId }));
}

/** Raises the `auth_version` of everybody with a role; announced as one message, `all:`. */
export function raiseAuthVersionOfRole(db: Queryable, roleName: string): Promise<unknown> {
  return db.run(raiseOfRoleStatement({ roleName }));
}

/** Sends a message on the channel when the transaction is committed. */
export function announce(db: Queryable, message: string): Promise<unknown> {
  return db.run(announceStatement({ message }));
}

const isSessionOpenStatement = defineStatement<{ userId: string; sessionId: string }>(
  'account_changes.is_session_open',
  (p) => sql`
    select 1 from sessions join users on users.id = sessions.user_id
    where user_id = ${p.userId}::uuid and sessions.id = ${p.sessionId}::uuid and ended_at is null
      and users.deleted_at is null and users.status <> 'disabled'`,
);

/** Whether nobody has ended a session, and its account stands. */
export async function isSessionOpen(
  db: Queryable,
  userId: string,
  sessionId: string,
): Promise<boolean> {
  return (await db.run(isSessionOpenStatement({ userId, sessionId }))).length > 0;
}

export type MassEndReason = 'revoked' | 'password' | 'admin';

interface EndingSessions {
  userId: string;
  reason: MassEndReason;
  /** Goes on. */
  keptSessionId: string | null;
}

const endSessionsStatement = defineStatement<EndingSessions>(
  'account_changes.end_sessions',
  (p) => sql`
    with ended as (
      update sessions set ended_at = now(), end_reason = ${p.reason}
      where user_id = ${p.userId}::uuid and ended_at is null
        and id is distinct from ${p.keptSessionId}::uuid
      returning id
    )
    select pg_notify(${sql.lit(CHANNEL)}, 'session:' || id) from ended`,
);

/** Ends the open sessions of a user and announces each; answers how many there were. */
export async function endSessions(db: Queryable, ending: EndingSessions): Promise<number> {
  return (await db.run(endSessionsStatement(ending))).length;
}

const deleteIdentitiesStatement = defineStatement<{ userId: string }>(
  'account_changes.delete_identities',
  (p) => sql`delete from user_auth_providers where user_id = ${p.userId}::uuid`,
);

/** Takes every identity from a user; answers how many there were. */
export function deleteIdentities(db: Queryable, userId: string): Promise<number> {
  return db.execute(deleteIdentitiesStatement({ userId }));
}
