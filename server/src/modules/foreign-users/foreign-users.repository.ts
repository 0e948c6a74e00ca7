import { sql } from 'kysely';
import type { Permission } from '../../auth/permissions.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';

/** A person as somebody else knows them. */
export interface Identity {
  issuer: string;
  subject: string;
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
