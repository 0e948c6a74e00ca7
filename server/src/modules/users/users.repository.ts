import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

export type UserStatus = 'unverified' | 'active' | 'disabled';

/** A user as others may know them: no hash, no version. */
export interface UserRow {
  id: string;
  /** null: none is known; somebody else vouches for the person. */
  email: string | null;
  name: string | null;
  status: UserStatus;
  email_verified_at: string | null;
  avatar_url: string | null;
  last_login_at: string | null;
  created_at: string;
  updated_at: string;
}

/** What a sign-in is decided by. */
export interface CredentialsRow {
  id: string;
  password_hash: string | null;
  status: UserStatus;
}

export interface NewUser {
  id: string;
  email: string | null;
  canonicalEmail: string | null;
  name: string | null;
  /** null: they cannot sign in with a password. */
  passwordHash: string | null;
  /** Whether the address, if any, is known to be theirs, without a link that is mailed to it. */
  isVerified: boolean;
  avatarUrl?: string | null;
}

export const USER_COLUMNS = [
  'id',
  'email',
  'name',
  'status',
  'email_verified_at',
  'avatar_url',
  'last_login_at',
  'created_at',
  'updated_at',
] as const;

const insertStatement = defineStatement<Required<NewUser>, UserRow>('users.insert', (p) =>
  builder
    .insertInto('users')
    .values({
      id: p.id,
      email: p.email,
      email_canonical: p.canonicalEmail,
      name: p.name,
      password_hash: p.passwordHash,
      avatar_url: p.avatarUrl,
      status: sql`case when ${p.isVerified}::boolean then 'active' else 'unverified' end`,
      email_verified_at: sql`case when ${p.isVerified}::boolean and ${p.email}::text is not null then now() end`,
    })
    .onConflict((conflict) =>
      conflict.column('email_canonical').where('deleted_at', 'is', null).doNothing(),
    )
    .returning(USER_COLUMNS),
);

const findStatement = defineStatement<{ id: string }, UserRow>('users.find', (p) =>
  builder
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null),
);

const findByEmailStatement = defineStatement<{ canonicalEmail: string }, UserRow>(
  'users.find_by_email',
  (p) =>
    builder
      .selectFrom('users')
      .select(USER_COLUMNS)
      .where('email_canonical', '=', p.canonicalEmail)
      .where('deleted_at', 'is', null),
);

const findCredentialsStatement = defineStatement<{ canonicalEmail: string }, CredentialsRow>(
  'users.find_credentials',
  (p) =>
    builder
      .selectFrom('users')
      .select(['id', 'password_hash', 'status'])
      .where('email_canonical', '=', p.canonicalEmail)
      .where('deleted_at', 'is', null),
);

/** A sign-in with a password that has matched. */
export interface Login {
  id: string;
  /** The hash that it has matched; a password changed meanwhile is no longer it. */
  checkedHash: string;
  /** Takes the place of that hash; the same where it may stay. */
  newHash: string;
}

/** Signing in is no change of the account: `updated_at` stays. */
const recordLoginStatement = defineStatement<Login, UserRow & { auth_version: number }>(
  'users.record_login',
  (p) =>
    builder
      .updateTable('users')
      .set({ last_login_at: sql`now()`, password_hash: p.newHash })
      .where('id', '=', p.id)
      .where('password_hash', '=', p.checkedHash)
      .where('deleted_at', 'is', null)
      .where('status', '<>', 'disabled')
      .returning([...USER_COLUMNS, 'auth_version']),
);

const recordVouchedLoginStatement = defineStatement<
  { id: string },
  UserRow & { auth_version: number }
>('users.record_vouched_login', (p) =>
  builder
    .updateTable('users')
    .set({ last_login_at: sql`now()` })
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null)
    .where('status', '<>', 'disabled')
    .returning([...USER_COLUMNS, 'auth_version']),
);

/** Adds a user; undefined where the address is taken. */
export async function insertUser(db: Queryable, user: NewUser): Promise<UserRow | undefined> {
  return (await db.run(insertStatement({ avatarUrl: null, ...user })))[0];
}

/** The user with the id, unless deleted. */
export async function findUser(db: Queryable, id: string): Promise<UserRow | undefined> {
  return (await db.run(findStatement({ id })))[0];
}

/** The user with the canonical address, unless deleted. */
export async function findUserByEmail(
  db: Queryable,
  canonicalEmail: string,
): Promise<UserRow | undefined> {
  return (await db.run(findByEmailStatement({ canonicalEmail })))[0];
}

/** What is needed to check a password, by canonical address, unless deleted. */
export async function findCredentials(
  db: Queryable,
  canonicalEmail: string,
): Promise<CredentialsRow | undefined> {
  return (await db.run(findCredentialsStatement({ canonicalEmail })))[0];
}

/** Notes a sign-in; undefined where the account was disabled or deleted, or its hash changed, meanwhile. */
export async function recordLogin(
  db: Queryable,
  login: Login,
): Promise<(UserRow & { auth_version: number }) | undefined> {
  return (await db.run(recordLoginStatement(login)))[0];
}

/** Notes a sign-in by somebody else's word; undefined where the account was disabled or deleted meanwhile. */
export async function recordVouchedLogin(
  db: Queryable,
  id: string,
): Promise<(UserRow & { auth_version: number }) | undefined> {
  return (await db.run(recordVouchedLoginStatement({ id })))[0];
}
