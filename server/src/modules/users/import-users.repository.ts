import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { builder, defineStatement } from '../../platform/postgres/statement.ts';
import type { UserStatus } from './users.repository.ts';

/** A user with a past elsewhere. */
interface PastUser {
  id: string;
  email: string;
  canonicalEmail: string;
  name: string | null;
  passwordHash: string | null;
  status: UserStatus;
  isEmailVerified: boolean;
  /** null: now. */
  createdAt: string | null;
}

const insertStatement = defineStatement<PastUser, { id: string }>('users.import', (p) =>
  builder
    .insertInto('users')
    .values({
      id: p.id,
      email: p.email,
      email_canonical: p.canonicalEmail,
      name: p.name,
      password_hash: p.passwordHash,
      status: p.status,
      email_verified_at: sql`case when ${p.isEmailVerified}::boolean then now() end`,
      created_at: sql`coalesce(${p.createdAt}::timestamptz, now())`,
    })
    .onConflict((conflict) =>
      conflict.column('email_canonical').where('deleted_at', 'is', null).doNothing(),
    )
    .returning('id'),
);

/** Adds a user; false where there is one with the address already. */
export async function insertPastUser(db: Queryable, user: PastUser): Promise<boolean> {
  return (await db.run(insertStatement(user))).length > 0;
}
