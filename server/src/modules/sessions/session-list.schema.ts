import { type Static, Type } from 'typebox';
import type { SessionActor } from '../../auth/actor.ts';
import { deviceName } from '../../auth/device-name.ts';
import { Nullable, PageOf, Timestamp } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import type { ListedSession } from './session-list.repository.ts';

export const Session = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    device: Nullable(
      Type.String({
        description: 'Browser or program, and system; null where the user agent does not tell.',
        examples: ['Firefox on Linux'],
      }),
    ),
    user_agent: Nullable(Type.String()),
    address: Nullable(Type.String({ description: 'From where the sign-in came.' })),
    is_current: Type.Boolean({ description: 'The session of this request.' }),
    is_remembered: Type.Boolean(),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
  },
  { $id: 'Session' },
);
export type Session = Static<typeof Session>;

export const SessionPage = PageOf(Session);

export const SessionParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

export const EndQuery = Type.Object(
  {
    include_current: Type.Optional(
      Type.Boolean({ default: false, description: 'End the session of this request as well.' }),
    ),
  },
  { additionalProperties: false },
);

/** A session as the API shows it to its owner. */
export function toSessionResponse(row: ListedSession, actor: SessionActor): Session {
  return {
    id: row.id,
    device: deviceName(row.user_agent),
    user_agent: row.user_agent,
    address: row.address,
    is_current: row.id === actor.sessionId,
    is_remembered: row.is_remembered,
    created_at: toRfc3339(row.created_at),
    last_used_at: toRfc3339(row.last_used_at),
    expires_at: toRfc3339(row.expires_at),
  };
}
