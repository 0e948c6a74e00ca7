import { type RawBuilder, sql } from 'kysely';
import type { Actor } from '../../auth/actor.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { adhoc, defineStatement } from '../../platform/postgres/statement.ts';

interface EventRow {
  position: number;
  occurred_at: string;
  action: string;
  actor_kind: Actor['kind'];
  actor_id: string | null;
  target_kind: string;
  target_id: string | null;
  changes: object;
  /** null: there was none, it has been erased, or it is not for whoever asks. */
  origin: OriginData | null;
  subject: object | null;
}

interface OriginData {
  address: string | null;
  user_agent: string | null;
}

/** An event as the person sees it whom it concerns. */
export interface ActivityRow extends EventRow {
  /** Of a person other than the one who asks. */
  actor_name: string | null;
  api_token_name: string | null;
}

/** An event as those see it who may read all. */
export interface AuditRow extends EventRow {
  api_token_id: string | null;
  user_id: string | null;
  request_id: string | null;
  hash: Buffer;
  actor_email: string | null;
  actor_name: string | null;
  user_email: string | null;
  user_name: string | null;
}

/** Which events; those that are left out do not narrow the list. */
export interface AuditFilter {
  actorId?: string;
  actorKind?: string;
  action?: string;
  /** Id of the thing that was acted on, or of the person concerned. */
  target?: string;
  /** Whether `target` has the form of a person's id. */
  isTargetUuid?: boolean;
  from?: string;
  to?: string;
  /** Only events before this position. */
  before?: number;
}

interface ActivityQuery {
  userId: string;
  /** Only events before this position. */
  before: number;
  limit: number;
}

/**
 * Where an act came from is shown if that is the person's own data: of their own acts, and of attempts
 * on their account by nobody in particular. Administrators' addresses are not. The page is found
 * before anything is joined, so that no plan reads what belongs to other events.
 */
const activityStatement = defineStatement<ActivityQuery, ActivityRow>(
  'audit.list_activity',
  (p) => sql`
    select e.position, e.occurred_at, e.action, e.actor_kind, e.actor_id, e.target_kind, e.target_id,
      e.changes, o.data as origin, s.data as subject, a.name as actor_name, t.name as api_token_name
    from (
      select * from audit_events where user_id = ${p.userId}::uuid and position < ${p.before}::bigint
      order by position desc limit ${p.limit}::int
    ) as e
    left join audit_personal o
      on o.position = e.position and o.part = 'origin' and o.user_id = ${p.userId}::uuid
    left join audit_personal s
      on s.position = e.position and s.part = 'subject' and s.user_id = ${p.userId}::uuid
    left join users a on a.id = e.actor_id and a.id <> ${p.userId}::uuid
    left join api_tokens t on t.user_id = ${p.userId}::uuid and t.user_id = e.actor_id
      and t.id = e.api_token_id
    order by e.position desc`,
);

/** What concerns a person, the newest first. */
export function listActivity(db: Queryable, query: ActivityQuery): Promise<ActivityRow[]> {
  return db.run(activityStatement(query));
}

/** Events of everybody, the newest first; planned for the filters of the call. */
export function listEvents(db: Queryable, filter: AuditFilter, limit: number): Promise<AuditRow[]> {
  return db.run(
    adhoc<AuditRow>(sql`
    select e.position, e.occurred_at, e.action, e.actor_kind, e.actor_id, e.api_token_id,
      e.target_kind, e.target_id, e.user_id, e.request_id, e.changes, e.hash,
      o.data as origin, s.data as subject,
      a.email as actor_email, a.name as actor_name, u.email as user_email, u.name as user_name
    from (${scans(filter, limit)}) as found
    join audit_events e using (position)
    left join audit_personal o on o.position = e.position and o.part = 'origin'
    left join audit_personal s on s.position = e.position and s.part = 'subject'
    left join users a on a.id = e.actor_id
    left join users u on u.id = e.user_id
    order by e.position desc
    limit ${limit}`),
  );
}

/** A target is looked for in two columns, each by an index of its own. */
function scans(filter: AuditFilter, limit: number): RawBuilder<unknown> {
  const conditions = conditionsOf(filter);
  const { target } = filter;
  if (target === undefined) return scan(conditions, limit);
  const byTarget = scan([...conditions, sql`target_id = ${target}`], limit);
  if (!filter.isTargetUuid) return byTarget;
  const byUser = scan([...conditions, sql`user_id = ${target}::uuid`], limit);
  return sql`(${byTarget}) union (${byUser})`;
}

function scan(conditions: RawBuilder<unknown>[], limit: number): RawBuilder<unknown> {
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  return sql`select position from audit_events ${where} order by position desc limit ${limit}`;
}

function conditionsOf(filter: AuditFilter): RawBuilder<unknown>[] {
  const { actorId, actorKind, action, from, to, before } = filter;
  const conditions: RawBuilder<unknown>[] = [];
  if (actorId !== undefined) conditions.push(sql`actor_id = ${actorId}::uuid`);
  if (actorKind !== undefined) {
    conditions.push(sql`actor_kind = ${actorKind} and actor_id is null`);
  }
  if (action !== undefined) conditions.push(sql`action = ${action}`);
  if (from !== undefined) conditions.push(sql`position >= ${firstSince(from)}`);
  // Without anything since then, everything was before.
  if (to !== undefined) {
    conditions.push(sql`position < coalesce(${firstSince(to)}, 9223372036854775807)`);
  }
  if (before !== undefined) conditions.push(sql`position < ${before}::bigint`);
  return conditions;
}

/** Times never go back along the chain, so a time is a position. */
function firstSince(time: string): RawBuilder<unknown> {
  return sql`(select position from audit_events where occurred_at >= ${time}::timestamptz
    order by occurred_at, position limit 1)`;
}
