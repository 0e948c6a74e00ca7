import { type Static, Type } from 'typebox';
import { MIN_PASSWORD_LENGTH } from '../../auth/common-passwords.ts';
import { MAX_PASSWORD_BYTES } from '../../auth/password-schemes/bcrypt.ts';
import { Nullable, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import type { UserRow } from './users.repository.ts';

export const Email = Type.String({
  'x-text': 'trim',
  maxLength: 254,
  format: 'email',
  description: 'An ASCII e-mail address; compared without regard to case.',
  examples: ['ada@example.org'],
});

export const NewPassword = Type.String({
  'x-text': 'keep',
  minLength: MIN_PASSWORD_LENGTH,
  'x-max-bytes': MAX_PASSWORD_BYTES,
  'x-uncommon': true,
  description:
    'At least 8 characters, at most 72 bytes in UTF-8, and none of the most common passwords.',
  examples: ['correct horse battery staple'],
});

export const Name = Nullable(
  Type.String({ 'x-text': 'trim', minLength: 1, maxLength: 100, examples: ['Ada Lovelace'] }),
);

export const Registration = Type.Object(
  {
    email: Email,
    password: NewPassword,
    name: Type.Optional(Name),
  },
  { additionalProperties: false },
);
export type Registration = Static<typeof Registration>;

export const User = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    email: Nullable(
      Type.String({ description: 'null: none is known; another front end vouches for them.' }),
    ),
    name: Nullable(Type.String()),
    status: Words(['unverified', 'active', 'disabled']),
    email_verified_at: Nullable(Timestamp),
    avatar_url: Nullable(Type.String()),
    last_login_at: Nullable(Timestamp),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'User' },
);
export type User = Static<typeof User>;

/** The user as the API shows them. */
export function toUserResponse(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    status: row.status,
    email_verified_at: toRfc3339(row.email_verified_at),
    avatar_url: row.avatar_url,
    last_login_at: toRfc3339(row.last_login_at),
    created_at: toRfc3339(row.created_at),
    updated_at: toRfc3339(row.updated_at),
  };
}
