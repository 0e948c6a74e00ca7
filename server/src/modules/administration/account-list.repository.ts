import { type RawBuilder, sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { adhoc } from '../../platform/postgres/statement.ts';
import { type AccountSort, isAfter, orderOf, sortValueOf } from './account-sort.ts';
import {
  type AccountStatus,
  LISTED_COLUMNS,
  type ListedAccountRow,
} from './accounts.repository.ts';

/** Which accounts. */
export interface AccountFilter {
  isDeleted: boolean;
  /** What address or name contain, without regard to case. */
  text?: string;
  status?: AccountStatus;
  role?: string;
  createdFrom?: string;
  /** Not included. */
  createdTo?: string;
}

interface ListQuery extends AccountFilter {
  sort: AccountSort;
  limit: number;
  /** Sort value and id of the account before the first. */
  after?: readonly unknown[];
}

/** An account with the value that it is sorted by. */
export type SortedAccountRow = ListedAccountRow & { sort_value: string };

/** A page of accounts. Planned for its values each time: filters come in many shapes. */
export function listAccounts(db: Queryable, query: ListQuery): Promise<SortedAccountRow[]> {
  const conditions = conditionsOf(query);
  if (query.after) conditions.push(isAfter(query.sort, query.after));
  return db.run(
    adhoc(sql<SortedAccountRow>`
      select ${LISTED_COLUMNS}, ${sortValueOf(query.sort)} as sort_value from users
      where ${sql.join(conditions, sql` and `)}
      order by ${orderOf(query.sort)} limit ${query.limit}`),
  );
}

/**
 * How many accounts there are. By state alone that costs the same however many there are; by anything
 * else it takes as long as there are accounts that fit.
 */
export async function countAccounts(db: Queryable, filter: AccountFilter): Promise<number> {
  const [row] = await db.run(adhoc(sql<{ count: number }>`select ${countOf(filter)} as count`));
  return row?.count ?? 0;
}

function countOf(filter: AccountFilter): RawBuilder<unknown> {
  const { isDeleted, status, ...others } = filter;
  if (Object.keys(others).length === 0 && !(isDeleted && status)) {
    return sql`(select ${keptCount(isDeleted, status)} from user_counts)`;
  }
  const conditions = sql.join(conditionsOf(filter), sql` and `);
  return sql`(select count(*) from users where ${conditions})`;
}

function keptCount(isDeleted: boolean, status?: AccountStatus): RawBuilder<unknown> {
  if (isDeleted) return sql`deleted`;
  return status === undefined ? sql`unverified + active + disabled` : sql.ref(status);
}

function conditionsOf(filter: AccountFilter): RawBuilder<unknown>[] {
  const { text, status, role, createdFrom, createdTo } = filter;
  return [
    filter.isDeleted ? sql`users.deleted_at is not null` : sql`users.deleted_at is null`,
    ...(text === undefined ? [] : [contains(text)]),
    ...(status === undefined ? [] : [sql`users.status = ${status}`]),
    ...(role === undefined ? [] : [hasRole(role)]),
    ...(createdFrom === undefined ? [] : [sql`users.created_at >= ${createdFrom}::timestamptz`]),
    ...(createdTo === undefined ? [] : [sql`users.created_at < ${createdTo}::timestamptz`]),
  ];
}

function hasRole(role: string): RawBuilder<unknown> {
  return sql`users.id in (select user_id from user_roles where role_name = ${role})`;
}

/** The expression of the search index; `%`, `_` and `\` stand for themselves. */
function contains(text: string): RawBuilder<unknown> {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`lower((coalesce(users.email, '') || E'\n' || coalesce(users.name, ''))
      collate natural_order)
    like lower(${pattern}::text collate natural_order)`;
}
