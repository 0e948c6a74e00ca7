import { type Static, Type } from 'typebox';
import { Nullable, PageOf, PageQuery, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { Email, Name, toUserResponse, User } from '../users/users.schema.ts';
import { ACCOUNT_SORTS } from './account-sort.ts';
import type { AccountRow, ListedAccountRow } from './accounts.repository.ts';

const closed = { additionalProperties: false };
const MAX_ROLES = 100;

export const WholeAccount = Type.Object(
  {
    name: Name,
    email: Email,
    status: Words(['active', 'disabled'], {
      description: 'An enabled account whose address is not verified reads `unverified`.',
    }),
    roles: Type.Array(Type.String({ 'x-text': 'trim', maxLength: 50, examples: ['user'] }), {
      maxItems: MAX_ROLES,
      uniqueItems: true,
      description: 'All roles that the account is to have; needs `roles:assign` as well.',
    }),
  },
  closed,
);

export const AccountChange = Type.Partial(WholeAccount, closed);

const listed = {
  ...User.properties,
  deleted_at: Nullable(Timestamp),
  roles: Type.Array(Type.String()),
};

export const ListedAccount = Type.Object(listed, { $id: 'ListedAccount' });
export type ListedAccount = Static<typeof ListedAccount>;

export const Account = Type.Object(
  {
    ...listed,
    pending_email: Nullable(
      Type.String({ description: 'The address that is to replace the present one.' }),
    ),
    sessions: Type.Integer({ description: 'How many are live.' }),
    tasks: Type.Object({
      pending: Type.Integer(),
      in_progress: Type.Integer(),
      completed: Type.Integer(),
      trashed: Type.Integer(),
    }),
    providers: Type.Array(
      Type.Object({
        name: Type.String({
          description: '`google`, `github`, `microsoft`, `oidc`, or `foreign`: another front end.',
        }),
        email: Nullable(Type.String({ description: 'The address there, when last heard of.' })),
        last_used_at: Nullable(Timestamp),
      }),
      { description: 'By which others the person signs in.' },
    ),
  },
  { $id: 'Account' },
);
export type Account = Static<typeof Account>;

export const AccountPage = Type.Object({
  ...PageOf(ListedAccount).properties,
  total: Type.Integer({ description: 'How many there are on all pages.' }),
});

export const AccountQuery = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        'x-text': 'trim',
        maxLength: 200,
        description: 'What address or name contain, without regard to case.',
      }),
    ),
    status: Type.Optional(Words(['unverified', 'active', 'disabled'])),
    role: Type.Optional(Type.String({ 'x-text': 'trim', maxLength: 50 })),
    created_from: Type.Optional({ ...Timestamp, description: 'At or after.' }),
    created_to: Type.Optional({ ...Timestamp, description: 'Before.' }),
    sort: Type.Optional(Words(ACCOUNT_SORTS, { default: '-created_at' })),
    ...PageQuery.properties,
  },
  closed,
);

export const AccountParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** The account as lists show it. */
export function toListedAccount(row: ListedAccountRow): ListedAccount {
  return {
    ...toUserResponse(row),
    deleted_at: toRfc3339(row.deleted_at),
    roles: row.roles,
  };
}

/** The account as administrators see it alone. */
export function toAccountResponse(row: AccountRow): Account {
  const { pending, in_progress, completed, trashed } = row;
  return {
    ...toListedAccount(row),
    pending_email: row.pending_email,
    sessions: row.session_count,
    tasks: { pending, in_progress, completed, trashed },
    providers: row.providers.map(({ name, email, last_used_at }) => ({
      name,
      email,
      last_used_at: toRfc3339(last_used_at),
    })),
  };
}
