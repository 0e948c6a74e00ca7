import { sql } from 'kysely';
import type { Actor } from '../../auth/actor.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';
import type { AuditAction } from './audit-actions.ts';

/** An event to append; `changes`, `origin` and `subject` are JSON text. */
interface NewEvent {
  actorKind: Actor['kind'];
  actorId: string | null;
  apiTokenId: string | null;
  action: AuditAction;
  targetKind: string;
  targetId: string | null;
  userId: string | null;
  requestId: string | null;
  changes: string;
  /** Whose data `origin` is. */
  originOwnerId: string | null;
  origin: string | null;
  subject: string | null;
}

/** The trigger of the table fills in position, time and hashes. Salts are 122 random bits. */
const appendStatement = defineStatement<NewEvent>(
  'audit.append',
  (p) => sql`
    with parts as materialized (
      select part, owner_id, data, uuid_send(gen_random_uuid()) as salt
      from (values
        ('origin', ${p.originOwnerId}::uuid, ${p.origin}::jsonb),
        ('subject', ${p.userId}::uuid, ${p.subject}::jsonb)
      ) as given (part, owner_id, data)
      where data is not null
    ), digests as (
      select part, sha256(salt || convert_to(data::text, 'UTF8')) as digest from parts
    ), event as (
      insert into audit_events (actor_kind, actor_id, api_token_id, action, target_kind, target_id,
        user_id, request_id, changes, origin_digest, subject_digest)
      values (${p.actorKind}, ${p.actorId}::uuid, ${p.apiTokenId}::uuid, ${p.action},
        ${p.targetKind}, ${p.targetId}, ${p.userId}::uuid, ${p.requestId}::uuid, ${p.changes}::jsonb,
        (select digest from digests where part = 'origin'),
        (select digest from digests where part = 'subject'))
      returning position
    )
    insert into audit_personal (position, part, user_id, salt, data)
    select event.position, parts.part, parts.owner_id, parts.salt, parts.data from event, parts`,
);

interface NewEvents extends Omit<NewEvent, 'targetId' | 'userId' | 'originOwnerId' | 'subject'> {
  userIds: string[];
}

/** The same for many: each is the target of an event of their own, side row and salt included. */
const appendForEachStatement = defineStatement<NewEvents>(
  'audit.append_for_each',
  (p) => sql`
    with given as materialized (
      select user_id, place, ${p.origin}::jsonb as origin, uuid_send(gen_random_uuid()) as salt
      from unnest(${p.userIds}::uuid[]) with ordinality as ids (user_id, place)
    ), event as (
      insert into audit_events (actor_kind, actor_id, api_token_id, action, target_kind, target_id,
        user_id, request_id, changes, origin_digest)
      select ${p.actorKind}, ${p.actorId}::uuid, ${p.apiTokenId}::uuid, ${p.action}, ${p.targetKind},
        user_id, user_id, ${p.requestId}::uuid, ${p.changes}::jsonb,
        sha256(salt || convert_to(origin::text, 'UTF8'))
      from given order by place
      returning position, user_id
    )
    insert into audit_personal (position, part, user_id, salt, data)
    select position, 'origin', coalesce(${p.actorId}::uuid, user_id), salt, origin
    from event join given using (user_id) where origin is not null`,
);

const eraseStatement = defineStatement<{ userId: string; limit: number }>(
  'audit.erase_personal',
  (p) => sql`
    delete from audit_personal where (position, part) in (
      select position, part from audit_personal where user_id = ${p.userId}::uuid
      limit ${p.limit}::int)`,
);

/** Appends an event as the last thing of the transaction. */
export function appendEvent(db: Queryable, event: NewEvent): Promise<void> {
  return db.runLast(appendStatement(event));
}

/** Appends an event for each of some users, who are all different, in one statement. */
export function appendEventForEach(db: Queryable, events: NewEvents): Promise<void> {
  return db.runLast(appendForEachStatement(events));
}

/** Deletes up to `limit` rows of what is personal about a person; the events stay. Answers how many. */
export function erasePersonal(db: Queryable, userId: string, limit: number): Promise<number> {
  return db.execute(eraseStatement({ userId, limit }));
}
