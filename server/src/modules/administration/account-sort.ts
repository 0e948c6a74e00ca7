import { type RawBuilder, sql } from 'kysely';

/** Every order that a list of accounts can have; `-` turns it round. */
export const ACCOUNT_SORTS = [
  'created_at',
  '-created_at',
  'email',
  '-email',
  'name',
  '-name',
  'last_login_at',
  '-last_login_at',
] as const;
export type AccountSort = (typeof ACCOUNT_SORTS)[number];

interface SortKey {
  /** As the index holds it; nothing is null. */
  column: RawBuilder<unknown>;
  cast: RawBuilder<unknown>;
}

const KEYS: Record<string, SortKey> = {
  created_at: { column: sql`users.created_at`, cast: sql`timestamptz` },
  // Whoever has no address, no name, or has never signed in, comes first.
  email: { column: sql`coalesce(users.email_canonical, '')`, cast: sql`text` },
  name: { column: sql`(coalesce(users.name, '') collate natural_order)`, cast: sql`text` },
  last_login_at: {
    column: sql`coalesce(users.last_login_at, '-infinity')`,
    cast: sql`timestamptz`,
  },
};

function keyOf(sort: AccountSort): SortKey {
  const key = KEYS[sort.replace('-', '')];
  if (!key) throw new Error('there is no such order');
  return key;
}

/** The value that an account is sorted by, as text. */
export function sortValueOf(sort: AccountSort): RawBuilder<string> {
  return sql<string>`${keyOf(sort).column}::text`;
}

/** The `order by` of an order; ids make it total. */
export function orderOf(sort: AccountSort): RawBuilder<unknown> {
  const direction = sql.raw(sort.startsWith('-') ? 'desc' : 'asc');
  return sql`${keyOf(sort).column} ${direction}, users.id ${direction}`;
}

/** The condition that an account comes after a position in the order. */
export function isAfter(sort: AccountSort, [value, id]: readonly unknown[]): RawBuilder<unknown> {
  const { column, cast } = keyOf(sort);
  const comparison = sql.raw(sort.startsWith('-') ? '<' : '>');
  return sql`(${column}, users.id) ${comparison} (${value}::${cast}, ${id}::uuid)`;
}
