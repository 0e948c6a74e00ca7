import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';
import { USER_COLUMNS, type UserRow } from './users.repository.ts';

export type Theme = 'system' | 'light' | 'dark';

/** What a person decides about their own account. */
export interface Profile {
  name: string | null;
  theme: Theme;
  time_zone: string | null;
  email_notices: boolean;
  pending_email: string | null;
}

/** An account as its owner sees it. */
export type AccountRow = UserRow &
  Profile & {
    email_canonical: string | null;
    password_hash: string | null;
    deleted_at: string | null;
    version: number;
    auth_version: number;
  };

interface ById {
  id: string;
}

interface NewPassword extends ById {
  passwordHash: string;
  /** The hash that it takes the place of; null: whichever it is. */
  checkedHash: string | null;
}

const ACCOUNT_COLUMNS = [
  ...USER_COLUMNS,
  'theme',
  'time_zone',
  'email_notices',
  'pending_email',
  'email_canonical',
  'password_hash',
  'deleted_at',
  'version',
  'auth_version',
] as const;

const findStatement = defineStatement<ById, AccountRow>('account.find', (p) =>
  builder.selectFrom('users').select(ACCOUNT_COLUMNS).where('id', '=', p.id),
);

const findByEmailStatement = defineStatement<{ canonicalEmail: string }, AccountRow>(
  'account.find_by_email',
  (p) =>
    builder
      .selectFrom('users')
      .select(ACCOUNT_COLUMNS)
      .where('email_canonical', '=', p.canonicalEmail)
      .where('deleted_at', 'is', null),
);

const lockStatement = defineStatement<ById, AccountRow>('account.lock', (p) =>
  builder.selectFrom('users').select(ACCOUNT_COLUMNS).where('id', '=', p.id).forUpdate(),
);

const updateProfileStatement = defineStatement<ById & Profile, AccountRow>(
  'account.update_profile',
  (p) =>
    builder
      .updateTable('users')
      .set({
        name: p.name,
        theme: p.theme,
        time_zone: p.time_zone,
        email_notices: p.email_notices,
        pending_email: p.pending_email,
        pending_email_at: sql`case when ${p.pending_email}::text is not null then now() end`,
        updated_at: sql`now()`,
      })
      .where('id', '=', p.id)
      .where('deleted_at', 'is', null)
      .returning(ACCOUNT_COLUMNS),
);

const verifyStatement = defineStatement<ById>('account.verify', (p) =>
  builder
    .updateTable('users')
    .set({
      status: sql`case when status = 'unverified' then 'active' else status end`,
      email_verified_at: sql`coalesce(email_verified_at, now())`,
      updated_at: sql`now()`,
    })
    .where('id', '=', p.id)
    .where('deleted_at', 'is', null),
);

/** A change of address that was under way is not to be trusted: whoever asked for it knew the old password. */
const setPasswordStatement = defineStatement<NewPassword>(
  'account.set_password',
  (p) => sql`
    update users set password_hash = ${p.passwordHash}, updated_at = now(),
      pending_email = null, pending_email_at = null
    where id = ${p.id}::uuid and deleted_at is null and status <> 'disabled'
      and (${p.checkedHash}::text is null or password_hash = ${p.checkedHash})`,
);

/** Whoever holds the mailbox has proven it. */
const settleResetStatement = defineStatement<ById>('account.settle_reset', (p) =>
  builder
    .updateTable('users')
    .set({
      status: sql`case when status = 'unverified' then 'active' else status end`,
      email_verified_at: sql`coalesce(email_verified_at, now())`,
    })
    .where('id', '=', p.id),
);

const applyPendingEmailStatement = defineStatement<ById, { email: string }>(
  'account.apply_pending_email',
  (p) => sql`
    update users set email = pending_email, email_canonical = lower(pending_email),
      status = case when status = 'unverified' then 'active' else status end,
      email_verified_at = now(), pending_email = null, pending_email_at = null, updated_at = now()
    where id = ${p.id}::uuid and pending_email is not null
    returning email`,
);

const softDeleteStatement = defineStatement<ById, { deleted_at: string }>(
  'account.soft_delete',
  (p) =>
    builder
      .updateTable('users')
      .set({ deleted_at: sql`now()`, pending_email: null, pending_email_at: null })
      .where('id', '=', p.id)
      .where('deleted_at', 'is', null)
      .returning(sql<string>`deleted_at`.as('deleted_at')),
);

const restoreStatement = defineStatement<ById & { keepDays: number }, UserRow>(
  'account.restore',
  (p) =>
    builder
      .updateTable('users')
      .set({ deleted_at: null, updated_at: sql`now()` })
      .where('id', '=', p.id)
      .where(sql<boolean>`deleted_at > now() - make_interval(days => ${p.keepDays}::int)`)
      .returning(USER_COLUMNS),
);

const findIdStatement = defineStatement<{ canonicalEmail: string }, { id: string }>(
  'account.find_id',
  (p) =>
    builder
      .selectFrom('users')
      .select('id')
      .where('email_canonical', '=', p.canonicalEmail)
      .where('deleted_at', 'is', null),
);

/** The account, deleted or not. */
export async function findAccount(db: Queryable, id: string): Promise<AccountRow | undefined> {
  return (await db.run(findStatement({ id })))[0];
}

/** The account with the canonical address, unless deleted. */
export async function findAccountByEmail(
  db: Queryable,
  canonicalEmail: string,
): Promise<AccountRow | undefined> {
  return (await db.run(findByEmailStatement({ canonicalEmail })))[0];
}

/** The account with the id, deleted or not, held until the end of the transaction. */
export async function lockAccount(db: Queryable, id: string): Promise<AccountRow | undefined> {
  return (await db.run(lockStatement({ id })))[0];
}

/** Whose address it is; of accounts that are not deleted. */
export async function findIdByEmail(
  db: Queryable,
  canonicalEmail: string,
): Promise<string | undefined> {
  return (await db.run(findIdStatement({ canonicalEmail })))[0]?.id;
}

/** Stores a whole profile; undefined where there is no such account. */
export async function updateProfile(
  db: Queryable,
  profile: ById & Profile,
): Promise<AccountRow | undefined> {
  return (await db.run(updateProfileStatement(profile)))[0];
}

/** Marks the address of an account as verified. */
export async function markVerified(db: Queryable, id: string): Promise<boolean> {
  return (await db.execute(verifyStatement({ id }))) > 0;
}

/** Stores a new hash; answers false where the account is gone or disabled, or its hash has changed. */
export async function setPassword(db: Queryable, password: NewPassword): Promise<boolean> {
  return (await db.execute(setPasswordStatement(password))) > 0;
}

/** What else a password reset by mail means for an account. */
export async function settleReset(db: Queryable, id: string): Promise<void> {
  await db.run(settleResetStatement({ id }));
}

/** Puts the pending address in the place of the present one; a taken one violates `users_email_canonical_key`. */
export async function applyPendingEmail(db: Queryable, id: string): Promise<boolean> {
  return (await db.run(applyPendingEmailStatement({ id }))).length > 0;
}

/** Deletes an account so that it can be restored; undefined where there is none. */
export async function softDelete(db: Queryable, id: string): Promise<string | undefined> {
  return (await db.run(softDeleteStatement({ id })))[0]?.deleted_at;
}

/** Takes a deletion back; an address taken meanwhile violates `users_email_canonical_key`. */
export async function restore(
  db: Queryable,
  id: string,
  keepDays: number,
): Promise<UserRow | undefined> {
  return (await db.run(restoreStatement({ id, keepDays })))[0];
}
