import { type Static, Type } from 'typebox';
import { Nullable, refTo, Timestamp } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import type { OwnIdentity } from './own-identities.service.ts';

export const Identity = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    provider: Type.String({
      description: '`google`, `github`, `microsoft`, `oidc`, or `foreign`: another front end.',
    }),
    label: Type.String({ description: 'What the provider is called.' }),
    email: Nullable(Type.String({ description: 'The address there, when last heard of.' })),
    created_at: Timestamp,
    last_used_at: Nullable(Timestamp),
    can_unlink: Type.Boolean({ description: 'Whether there is another way to sign in.' }),
  },
  { $id: 'Identity' },
);
export type Identity = Static<typeof Identity>;

export const IdentityList = Type.Object({ items: Type.Array(refTo(Identity)) });

export const IdentityParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** An identity as its owner sees it. */
export function toIdentityResponse(row: OwnIdentity): Identity {
  return {
    id: row.id,
    provider: row.provider,
    label: row.label,
    email: row.email,
    created_at: toRfc3339(row.created_at),
    last_used_at: toRfc3339(row.last_used_at),
    can_unlink: row.canUnlink,
  };
}
