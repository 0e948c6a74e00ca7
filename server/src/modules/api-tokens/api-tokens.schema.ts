import { type Static, Type } from 'typebox';
import { PERMISSIONS } from '../../auth/permissions.ts';
import { Nullable, PageOf, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import type { ApiTokenRow } from './api-tokens.repository.ts';

const MAX_SCOPES = 100;

export const NewApiToken = Type.Object(
  {
    name: Type.String({
      'x-text': 'trim',
      minLength: 1,
      maxLength: 100,
      examples: ['Backup script'],
    }),
    scopes: Type.Array(Words(PERMISSIONS), {
      minItems: 1,
      maxItems: MAX_SCOPES,
      description: 'What the token is for: permissions that you hold yourself.',
      examples: [['tasks:read']],
    }),
    expires_at: Type.Optional({
      ...Nullable(Timestamp),
      description: 'At most a year from now; null: never. Left out: 90 days from now.',
    }),
  },
  { additionalProperties: false },
);

export const ApiToken = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    name: Type.String(),
    hint: Type.String({ description: 'The last characters of the token.', examples: ['x7Qa'] }),
    scopes: Type.Array(Words(PERMISSIONS)),
    created_at: Timestamp,
    expires_at: Nullable(Timestamp),
    last_used_at: Nullable({
      ...Timestamp,
      description: 'To the minute; null: never.',
    }),
    is_expired: Type.Boolean(),
  },
  { $id: 'ApiToken' },
);
export type ApiToken = Static<typeof ApiToken>;

export const MadeApiToken = Type.Object({
  ...ApiToken.properties,
  token: Type.String({
    description: 'Shown this once and never again.',
    pattern: '^dkt_[0-9A-Za-z]{49}$',
  }),
});

export const ApiTokenPage = PageOf(ApiToken);

export const ApiTokenParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** An API token as its owner sees it. */
export function toApiTokenResponse(row: ApiTokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    created_at: toRfc3339(row.created_at),
    expires_at: toRfc3339(row.expires_at),
    last_used_at: toRfc3339(row.last_used_at),
    is_expired: row.is_expired,
  };
}
