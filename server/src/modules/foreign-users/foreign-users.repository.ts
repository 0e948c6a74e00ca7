import { sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** A person as somebody else knows them. */
export interface Identity {
  issuer: string;
  subject: string;
}

export interface NewIdentity extends Identity {
  userId: string;
  id: string;
  provider: string;
  /** What the other front end proves to be theirs, whether or not the account has it. */
  email: string | null;
}

/** Who is behind an identity, and what decides whether they may come in. */
interface IdentityState {
  user_id: string;
  /** Neither deleted nor disabled. */
  is_active: boolean;
  permissions: Permission[];
}

/** The last use is noted once an hour. */
const findStatement = defineStatement<Identity, IdentityState>(
  'foreign_users.find',
  (p) => sql`
    with used as (
      update user_auth_providers set last_used_at = now()
      where issuer = ${p.issuer} and subject = ${p.subject}
        and coalesce(last_used_at < now() - interval '1 hour', true)
    )
    select users.id as user_id,
      users.deleted_at is null and users.status <> 'disabled' as is_active,
      array(select distinct permission_name from user_roles join role_permissions using (role_name)
        where user_roles.user_id = users.id) as permissions
    from user_auth_providers join users on users.id = user_auth_providers.user_id
    where issuer = ${p.issuer} and subject = ${p.subject}`,
);

const ownerStatement = defineStatement<Identity, IdentityOwner>('foreign_users.owner', (p) =>
  builder
    .selectFrom('user_auth_providers')
    .innerJoin('users', 'users.id', 'user_auth_providers.user_id')
    .select(['users.id as user_id', sql<boolean>`users.deleted_at is not null`.as('is_deleted')])
    .where('issuer', '=', p.issuer)
    .where('subject', '=', p.subject),
);

interface IdentityOwner {
  user_id: string;
  is_deleted: boolean;
}

const insertStatement = defineStatement<NewIdentity>('foreign_users.insert', (p) =>
  builder
    .insertInto('user_auth_providers')
    .values({
      user_id: p.userId,
      id: p.id,
      provider: p.provider,
      issuer: p.issuer,
      subject: p.subject,
      email: p.email,
      is_email_proven: sql`${p.email}::text is not null`,
    })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
    .returning('id'),
);

/** The account behind an identity, whatever its state. */
export async function findByIdentity(
  db: Queryable,
  identity: Identity,
): Promise<IdentityState | undefined> {
  return (await db.run(findStatement(identity)))[0];
}

/** Whose an identity is, without a use of it. */
export async function findOwner(
  db: Queryable,
  identity: Identity,
): Promise<IdentityOwner | undefined> {
  return (await db.run(ownerStatement(identity)))[0];
}

/** Adds an identity to an account; answers false where it is somebody's already. */
export async function insertIdentity(db: Queryable, identity: NewIdentity): Promise<boolean> {
  return (await db.run(insertStatement(identity))).length > 0;
}
