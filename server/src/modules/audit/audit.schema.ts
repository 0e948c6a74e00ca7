import { type Static, Type } from 'typebox';
import { deviceName } from '../../auth/device-name.ts';
import { Nullable, PageOf, PageQuery, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { AUDIT_ACTIONS, type AuditAction } from './audit-actions.ts';
import type { ActivityRow, AuditRow } from './audit-list.service.ts';
import { FAULTS, type Verdict } from './verify-audit-log.ts';

const Position = Type.String({
  description: 'The position in the audit log, a whole number in digits.',
  examples: ['42'],
});
const Id = Nullable(Type.String({ format: 'uuid' }));
const Text = Nullable(Type.String());
const Fields = Type.Object({}, { additionalProperties: true });
const Target = Type.Object({
  kind: Words(['user', 'session', 'api_token', 'role', 'job', 'audit']),
  id: Text,
});

const ACTORS = [
  'you',
  'administrator',
  'api_token',
  'foreign',
  'operator',
  'system',
  'anonymous',
] as const;

export const Activity = Type.Object(
  {
    id: Position,
    occurred_at: Timestamp,
    action: Words(AUDIT_ACTIONS),
    by: Type.Object(
      {
        kind: Words(ACTORS),
        name: Type.Optional(
          Type.String({ description: "The administrator's name, or that of one's API token." }),
        ),
      },
      {
        description:
          "`api_token`: a token of one's own. `foreign`: another front end that vouches for one. `operator`: at the server's command line.",
      },
    ),
    target: Target,
    address: Nullable(
      Type.String({ description: "Only of one's own acts, and of attempts on the account." }),
    ),
    device: Text,
    changes: { ...Fields, description: 'Names of changed fields, and words of closed lists.' },
    personal: Nullable({ ...Fields, description: 'What is personal in it, such as addresses.' }),
  },
  { $id: 'Activity' },
);
export type Activity = Static<typeof Activity>;

export const ActivityPage = PageOf(Activity);

export const AuditEvent = Type.Object(
  {
    id: Position,
    occurred_at: Timestamp,
    action: Words(AUDIT_ACTIONS),
    actor: Type.Object({
      kind: Words(['user', 'api_token', 'foreign', 'operator', 'system', 'anonymous']),
      id: Id,
      email: Text,
      name: Text,
      api_token_id: Id,
    }),
    target: Target,
    user: Nullable(
      Type.Object(
        { id: Type.String({ format: 'uuid' }), email: Text, name: Text },
        { description: 'The person concerned. Without address: erased.' },
      ),
    ),
    request_id: Id,
    changes: Fields,
    origin: Nullable(
      Type.Object(
        { address: Text, user_agent: Text },
        { description: 'null: there was none, or it has been erased.' },
      ),
    ),
    personal: Nullable(Fields),
    hash: Type.String({ description: 'SHA-256 of the event and the hash before it.' }),
  },
  { $id: 'AuditEvent' },
);
export type AuditEvent = Static<typeof AuditEvent>;

export const AuditPage = PageOf(AuditEvent);

export const AuditQuery = Type.Object(
  {
    actor: Type.Optional(
      Type.String({
        maxLength: 50,
        description: 'The id of a user, or one of `anonymous`, `operator`, `system`.',
      }),
    ),
    action: Type.Optional(Words(AUDIT_ACTIONS)),
    target: Type.Optional(
      Type.String({
        'x-text': 'keep',
        minLength: 1,
        maxLength: 200,
        description: 'The id of what was acted on, or of the person concerned.',
      }),
    ),
    from: Type.Optional({ ...Timestamp, description: 'At or after.' }),
    to: Type.Optional({ ...Timestamp, description: 'Before.' }),
    ...PageQuery.properties,
  },
  { additionalProperties: false },
);

export const Verification = Type.Object({
  status: Words(['intact', 'broken']),
  checked: Type.Integer({ description: 'Events that fit, from the first on.' }),
  first_bad_position: Type.Optional(Position),
  reason: Type.Optional(Words(FAULTS)),
  signed_position: Nullable({ ...Position, description: 'The last that a checkpoint covers.' }),
  signed_at: Nullable(Timestamp),
});

/** An event as the API shows it to the person whom it concerns. */
export function toActivity(row: ActivityRow, userId: string): Activity {
  return {
    id: String(row.position),
    occurred_at: toRfc3339(row.occurred_at),
    action: row.action as AuditAction,
    by: byOf(row, userId),
    target: targetOf(row),
    address: row.origin?.address ?? null,
    device: deviceName(row.origin?.user_agent ?? null),
    changes: row.changes,
    personal: row.subject,
  };
}

/** An event as the API shows it to those who may read all. */
export function toAuditEvent(row: AuditRow): AuditEvent {
  return {
    id: String(row.position),
    occurred_at: toRfc3339(row.occurred_at),
    action: row.action as AuditAction,
    actor: {
      kind: row.actor_kind,
      id: row.actor_id,
      email: row.actor_email,
      name: row.actor_name,
      api_token_id: row.api_token_id,
    },
    target: targetOf(row),
    user: row.user_id && { id: row.user_id, email: row.user_email, name: row.user_name },
    request_id: row.request_id,
    changes: row.changes,
    origin: row.origin,
    personal: row.subject,
    hash: row.hash.toString('hex'),
  } as AuditEvent;
}

/** What a verification has found, as the API says it. */
export function toVerification({
  checked,
  fault,
  checkpoint,
}: Verdict): Static<typeof Verification> {
  return {
    status: fault ? 'broken' : 'intact',
    checked,
    ...(fault && { first_bad_position: String(fault.position), reason: fault.reason }),
    signed_position: checkpoint ? String(checkpoint.position) : null,
    signed_at: checkpoint ? checkpoint.createdAt : null,
  };
}

/** A person acts as themselves or by a token; whoever else acts on their account does so by right of office. */
function byOf(row: ActivityRow, userId: string): Activity['by'] {
  const { actor_kind: kind } = row;
  if (kind !== 'user' && kind !== 'api_token' && kind !== 'foreign') return { kind };
  const isOwn = row.actor_id === userId;
  const name = isOwn ? row.api_token_name : row.actor_name;
  const shown = !isOwn ? 'administrator' : kind === 'user' ? 'you' : kind;
  return { kind: shown, ...(name !== null && { name }) };
}

function targetOf(row: ActivityRow | AuditRow): Activity['target'] {
  return { kind: row.target_kind as Activity['target']['kind'], id: row.target_id };
}
