import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';
import type { UserRow } from '../users/users.service.ts';

export type AccountStatus = UserRow['status'];

/** An account in a list. */
export interface ListedAccountRow extends UserRow {
  deleted_at: string | null;
  roles: string[];
}

/** Everything that administrators see of an account: numbers of tasks, never what is in them. */
export interface AccountRow extends ListedAccountRow {
  pending_email: string | null;
  version: number;
  /** Sessions that are live. */
  session_count: number;
  pending: number;
  in_progress: number;
  completed: number;
  trashed: number;
  providers: ProviderRow[];
}

/** By whom the person is known here; what they are called there is nobody's business. */
interface ProviderRow {
  name: string;
  email: string | null;
  last_used_at: string | null;
}

/** What a change is decided by. */
export interface AccountState {
  email: string | null;
  email_canonical: string | null;
  name: string | null;
  status: AccountStatus;
  is_verified: boolean;
  version: number;
}

export interface AccountUpdate {
  id: string;
  email: string | null;
  canonicalEmail: string | null;
  name: string | null;
  status: AccountStatus;
  /** The address is another: nobody has proven it, and no other one is to replace it. */
  hasNewEmail: boolean;
}

export const LISTED_COLUMNS = sql`users.id, users.email, users.name, users.status,
  users.email_verified_at, users.avatar_url, users.last_login_at, users.created_at,
  users.updated_at, users.deleted_at,
  array(select role_name from user_roles where user_id = users.id order by 1) as roles`;

const findStatement = defineStatement<{ id: string }, AccountRow>(
  'accounts.find',
  (p) => sql`
    select ${LISTED_COLUMNS}, users.pending_email, users.version,
      (select count(*) from sessions where user_id = users.id and ended_at is null
        and idle_expires_at > now() and absolute_expires_at > now()
        and users.deleted_at is null and users.status <> 'disabled') as session_count,
      coalesce(pending, 0) as pending, coalesce(in_progress, 0) as in_progress,
      coalesce(completed, 0) as completed, coalesce(trashed, 0) as trashed,
      (select coalesce(jsonb_agg(jsonb_build_object('name', provider, 'email', email,
          'last_used_at', last_used_at::text) order by created_at, id), '[]')
        from user_auth_providers where user_id = users.id) as providers
    from users left join task_counts on task_counts.user_id = users.id
    where users.id = ${p.id}::uuid`,
);

const findStateStatement = defineStatement<{ id: string }, AccountState>(
  'accounts.find_state',
  (p) =>
    builder
      .selectFrom('users')
      .select([
        'email',
        'email_canonical',
        'name',
        'status',
        'version',
        sql<boolean>`email_verified_at is not null`.as('is_verified'),
      ])
      .where('id', '=', p.id)
      .where('deleted_at', 'is', null)
      .$castTo<AccountState>(),
);

const updateStatement = defineStatement<AccountUpdate>(
  'accounts.update',
  (p) => sql`
    update users set email = ${p.email}, email_canonical = ${p.canonicalEmail}, name = ${p.name},
      status = ${p.status}, updated_at = now(),
      email_verified_at = case when ${p.hasNewEmail}::boolean then null else email_verified_at end,
      pending_email = case when ${p.hasNewEmail}::boolean then null else pending_email end,
      pending_email_at = case when ${p.hasNewEmail}::boolean then null else pending_email_at end
    where id = ${p.id}::uuid`,
);

/** An account, deleted or not. */
export async function findAccount(db: Queryable, id: string): Promise<AccountRow | undefined> {
  return (await db.run(findStatement({ id })))[0];
}

/** What there is to change of an account, unless it is deleted. */
export async function findState(db: Queryable, id: string): Promise<AccountState | undefined> {
  return (await db.run(findStateStatement({ id })))[0];
}

/** Stores a changed account; a taken address violates `users_email_canonical_key`. */
export async function updateAccount(db: Queryable, account: AccountUpdate): Promise<void> {
  await db.execute(updateStatement(account));
}
