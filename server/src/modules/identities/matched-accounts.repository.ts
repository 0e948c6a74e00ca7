import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** What of an account decides who may come in, but for what it may do. */
export interface AccountRow {
  id: string;
  email_canonical: string | null;
  status: 'unverified' | 'active' | 'disabled';
  is_email_verified: boolean;
  is_deleted: boolean;
  has_password: boolean;
}

/** What somebody is called at the provider that has proven the account theirs. */
interface NewOwner {
  id: string;
  name: string | null;
  avatarUrl: string | null;
}

const ACCOUNT_COLUMNS = sql`id, email_canonical, status, deleted_at is not null as is_deleted,
  email_verified_at is not null as is_email_verified, password_hash is not null as has_password`;

const lockStatement = defineStatement<{ id: string }, AccountRow>(
  'identities.lock_account',
  (p) => sql`select ${ACCOUNT_COLUMNS} from users where id = ${p.id}::uuid for update`,
);

/** Asked again under the lock, so that it still has the address. */
const lockByEmailStatement = defineStatement<{ canonicalEmail: string }, AccountRow>(
  'identities.lock_account_by_email',
  (p) => sql`
    select ${ACCOUNT_COLUMNS} from users
    where email_canonical = ${p.canonicalEmail} and deleted_at is null for update`,
);

/** Whoever deletes what they registered under somebody else's address would keep its owner out by that. */
const findDeletedStatement = defineStatement<{ canonicalEmail: string }, AccountRow>(
  'identities.find_deleted_account',
  (p) => sql`
    select ${ACCOUNT_COLUMNS} from users
    where email_canonical = ${p.canonicalEmail} and deleted_at is not null
      and (email_verified_at is not null or status = 'disabled')
    order by deleted_at desc limit 1`,
);

const findAccountStatement = defineStatement<{ id: string }, AccountRow>(
  'identities.find_account',
  (p) => sql`select ${ACCOUNT_COLUMNS} from users where id = ${p.id}::uuid`,
);

/** Nothing stays that whoever made the account has chosen. */
const takeOverStatement = defineStatement<NewOwner>('identities.take_over', (p) =>
  builder
    .updateTable('users')
    .set({
      password_hash: null,
      pending_email: null,
      pending_email_at: null,
      name: p.name,
      avatar_url: p.avatarUrl,
      status: 'active',
      email_verified_at: sql`now()`,
      updated_at: sql`now()`,
    })
    .where('id', '=', p.id),
);

const deleteFlowsStatement = defineStatement<{ id: string }>('identities.delete_flows', (p) =>
  builder.deleteFrom('provider_flows').where('user_id', '=', p.id),
);

/** An account, whatever its state, held until the end of the transaction. */
export async function lockAccount(db: Queryable, id: string): Promise<AccountRow | undefined> {
  return (await db.run(lockStatement({ id })))[0];
}

/** The account that has an address, held until the end of the transaction. */
export async function lockAccountByEmail(
  db: Queryable,
  canonicalEmail: string,
): Promise<AccountRow | undefined> {
  return (await db.run(lockByEmailStatement({ canonicalEmail })))[0];
}

/**
 * The account that was deleted last of those that had an address; only of those whose address somebody had
 * proven, or that were disabled.
 */
export async function findDeletedAccount(
  db: Queryable,
  canonicalEmail: string,
): Promise<AccountRow | undefined> {
  return (await db.run(findDeletedStatement({ canonicalEmail })))[0];
}

/** An account as it is at the moment. */
export async function findAccount(db: Queryable, id: string): Promise<AccountRow | undefined> {
  return (await db.run(findAccountStatement({ id })))[0];
}

/** Gives an account to whoever has proven its address: nobody else's password or wishes remain. */
export async function takeOver(db: Queryable, owner: NewOwner): Promise<void> {
  await db.run(takeOverStatement(owner));
}

/** Ends the sign-ins at providers that sessions of a user have begun. */
export async function deleteFlows(db: Queryable, id: string): Promise<void> {
  await db.run(deleteFlowsStatement({ id }));
}
