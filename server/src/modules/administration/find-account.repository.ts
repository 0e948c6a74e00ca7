import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { defineStatement } from '../../platform/postgres/statement.ts';

/** An account that somebody named. */
export interface NamedAccount {
  id: string;
  /** Their address; the id where they have none. */
  label: string;
  is_deleted: boolean;
}

const findByIdStatement = defineStatement<{ id: string }, NamedAccount>(
  'accounts.find_by_id',
  (p) => sql`
    select id, coalesce(email, id::text) as label, deleted_at is not null as is_deleted
    from users where id = ${p.id}::uuid`,
);

const findByEmailStatement = defineStatement<{ canonicalEmail: string }, NamedAccount>(
  'accounts.find_by_email',
  (p) => sql`
    select id, coalesce(email, id::text) as label, deleted_at is not null as is_deleted
    from users where email_canonical = ${p.canonicalEmail} order by deleted_at desc nulls first, id`,
);

/** The account with an id, deleted or not, in a list of at most one. */
export function findById(db: Queryable, id: string): Promise<NamedAccount[]> {
  return db.run(findByIdStatement({ id }));
}

/** The accounts that have or had an address, the one that is not deleted first. */
export function findByEmail(db: Queryable, canonicalEmail: string): Promise<NamedAccount[]> {
  return db.run(findByEmailStatement({ canonicalEmail }));
}
