import { sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';
import { ACCOUNT_CHANGES_CHANNEL } from '../account-changes/account-changes.service.ts';

export type EndReason = 'logout' | 'reuse' | 'expired' | 'revoked' | 'password' | 'admin';

export interface SessionKey {
  userId: string;
  sessionId: string;
}

export interface NewSession extends SessionKey {
  isRemembered: boolean;
  userAgent: string | null;
  address: string | null;
  idleSeconds: number;
  absoluteSeconds: number;
}

/** What decides whether an access token of the session is still good. */
export interface SessionState {
  auth_version: number;
  is_live: boolean;
}

/** A session in the refresh flow, with its user's present state. */
export interface SessionRow {
  refresh_counter: number;
  is_remembered: boolean;
  authenticated_at_seconds: number;
  auth_version: number;
  permissions: Permission[];
}

type InsertedSession = Pick<SessionRow, 'authenticated_at_seconds' | 'permissions'>;

const IS_LIVE = sql<boolean>`(sessions.ended_at is null
  and sessions.idle_expires_at > now() and sessions.absolute_expires_at > now()
  and users.deleted_at is null and users.status <> 'disabled')`;

/** What the session's user may do at present. */
const PERMISSIONS_OF_USER = sql<Permission[]>`array(
  select distinct role_permissions.permission_name from user_roles
  join role_permissions using (role_name)
  where user_roles.user_id = sessions.user_id order by 1)`;

const SESSION_COLUMNS = [
  'sessions.refresh_counter',
  'sessions.is_remembered',
  'users.auth_version',
  sql<number>`floor(extract(epoch from sessions.authenticated_at))::bigint`.as(
    'authenticated_at_seconds',
  ),
  PERMISSIONS_OF_USER.as('permissions'),
] as const;

const findStateStatement = defineStatement<SessionKey, SessionState>('sessions.find_state', (p) =>
  builder
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['users.auth_version', IS_LIVE.as('is_live')])
    .where('sessions.user_id', '=', p.userId)
    .where('sessions.id', '=', p.sessionId),
);

const insertStatement = defineStatement<NewSession, InsertedSession>('sessions.insert', (p) =>
  builder
    .insertInto('sessions')
    .values({
      user_id: p.userId,
      id: p.sessionId,
      is_remembered: p.isRemembered,
      user_agent: p.userAgent,
      address: p.address,
      idle_expires_at: sql`now() + make_interval(secs => ${p.idleSeconds}::int)`,
      absolute_expires_at: sql`now() + make_interval(secs => ${p.absoluteSeconds}::int)`,
    })
    .returning([
      sql<number>`floor(extract(epoch from authenticated_at))::bigint`.as(
        'authenticated_at_seconds',
      ),
      PERMISSIONS_OF_USER.as('permissions'),
    ]),
);

type Rotation = SessionKey & {
  counter: number;
  idleSeconds: number;
  rememberedIdleSeconds: number;
};

const rotateStatement = defineStatement<Rotation, SessionRow>('sessions.rotate', (p) => {
  const idleSeconds = sql`case when sessions.is_remembered then ${p.rememberedIdleSeconds}::int else ${p.idleSeconds}::int end`;
  return builder
    .updateTable('sessions')
    .from('users')
    .set({
      refresh_counter: sql`sessions.refresh_counter + 1`,
      rotated_at: sql`now()`,
      last_used_at: sql`now()`,
      idle_expires_at: sql`least(sessions.absolute_expires_at, now() + make_interval(secs => ${idleSeconds}))`,
    })
    .whereRef('users.id', '=', 'sessions.user_id')
    .where('sessions.user_id', '=', p.userId)
    .where('sessions.id', '=', p.sessionId)
    .where('sessions.refresh_counter', '=', p.counter)
    .where(IS_LIVE)
    .returning(SESSION_COLUMNS);
});

type Lookup = SessionKey & { toleranceSeconds: number };
type FoundSession = SessionRow & { is_live: boolean; is_just_rotated: boolean };

const findStatement = defineStatement<Lookup, FoundSession>('sessions.find', (p) =>
  builder
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(SESSION_COLUMNS)
    .select([
      IS_LIVE.as('is_live'),
      sql<boolean>`coalesce(sessions.rotated_at > now() - make_interval(secs => ${p.toleranceSeconds}::int), false)`.as(
        'is_just_rotated',
      ),
    ])
    .where('sessions.user_id', '=', p.userId)
    .where('sessions.id', '=', p.sessionId),
);

const endStatement = defineStatement<SessionKey & { reason: EndReason }, { id: string }>(
  'sessions.end',
  (p) =>
    builder
      .with('ended', (db) =>
        db
          .updateTable('sessions')
          .set({ ended_at: sql`now()`, end_reason: p.reason })
          .where('user_id', '=', p.userId)
          .where('id', '=', p.sessionId)
          .where('ended_at', 'is', null)
          .returning('id'),
      )
      .selectFrom('ended')
      .select(['id', notifyOf(sql`'session:' || id`).as('told')]),
);

const purgeStatement = defineStatement<{ keepDays: number; limit: number }, { id: string }>(
  'sessions.purge',
  (p) =>
    builder
      .deleteFrom('sessions')
      .where(
        sql<boolean>`(user_id, id) in (
          select user_id, id from sessions
          where ended_at < now() - make_interval(days => ${p.keepDays}::int)
            or idle_expires_at < now() - make_interval(days => ${p.keepDays}::int)
          limit ${p.limit}::int for update skip locked)`,
      )
      .returning('id'),
);

function notifyOf(payload: ReturnType<typeof sql>) {
  return sql`pg_notify(${sql.lit(ACCOUNT_CHANGES_CHANNEL)}, ${payload})`;
}

/** Whether the session is live, and its user's `auth_version`; undefined where there is no such session. */
export async function findSessionState(
  db: Queryable,
  key: SessionKey,
): Promise<SessionState | undefined> {
  return (await db.run(findStateStatement(key)))[0];
}

/** Adds a session, signed in just now. */
export async function insertSession(db: Queryable, session: NewSession): Promise<InsertedSession> {
  const [row] = await db.run(insertStatement(session));
  if (!row) throw new Error('the session was not stored');
  return row;
}

/** Moves a live session from `counter` to the next; undefined where it is not there (any more). */
export async function rotateSession(
  db: Queryable,
  rotation: Rotation,
): Promise<SessionRow | undefined> {
  return (await db.run(rotateStatement(rotation)))[0];
}

/** The session whatever its state; `is_just_rotated` within `toleranceSeconds`. */
export async function findSession(
  db: Queryable,
  lookup: Lookup,
): Promise<FoundSession | undefined> {
  return (await db.run(findStatement(lookup)))[0];
}

/** Ends a session and tells every process; answers whether it was still open. */
export async function endSession(
  db: Queryable,
  key: SessionKey,
  reason: EndReason,
): Promise<boolean> {
  return (await db.run(endStatement({ ...key, reason }))).length > 0;
}

/** Deletes up to `limit` sessions that are over for `keepDays`; answers how many. */
export async function deleteOldSessions(
  db: Queryable,
  keepDays: number,
  limit: number,
): Promise<number> {
  return (await db.run(purgeStatement({ keepDays, limit }))).length;
}
