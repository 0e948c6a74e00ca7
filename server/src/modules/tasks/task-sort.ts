import { type RawBuilder, sql } from 'kysely';

/** Every order that a list can have; `-` turns it round. */
export const TASK_SORTS = [
  'default',
  '-default',
  'created_at',
  '-created_at',
  'updated_at',
  '-updated_at',
  'title',
  '-title',
] as const;
export type TaskSort = (typeof TASK_SORTS)[number];

/** Longer titles sort by so many characters at their beginning: the index holds no more. */
export const SORTED_TITLE_LENGTH = 200;
const titleLength = sql.lit(SORTED_TITLE_LENGTH);

type SortKey = 'is_open' | 'created_at' | 'updated_at' | 'title' | 'id';

/**
 * Keys of an order, which all run in one direction, so that one row comparison says what comes
 * after a task. `id` makes each order total.
 */
const KEYS: Record<string, readonly SortKey[]> = {
  default: ['is_open', 'created_at', 'id'],
  created_at: ['created_at', 'id'],
  updated_at: ['updated_at', 'id'],
  title: ['title', 'id'],
};

/** The expressions that the indexes hold, on a column or on a value to compare with it. */
const EXPRESSIONS: Record<SortKey, (operand: RawBuilder<unknown>) => RawBuilder<unknown>> = {
  is_open: (operand) => sql`${operand}::boolean`,
  created_at: (operand) => sql`${operand}::timestamptz`,
  updated_at: (operand) => sql`${operand}::timestamptz`,
  title: (operand) => sql`left(${operand}::text, ${titleLength}) collate natural_order`,
  id: (operand) => sql`${operand}::bigint`,
};

/** The keys that an order compares. */
export function sortKeys(sort: TaskSort): readonly SortKey[] {
  return KEYS[sort.replace('-', '')] ?? [];
}

/** `default` is open first and newest first; the others ascend unless turned round. */
function isDescending(sort: TaskSort): boolean {
  const isReversed = sort.startsWith('-');
  return (sort.replace('-', '') === 'default') !== isReversed;
}

/** The `order by` of an order. */
export function orderOf(sort: TaskSort): RawBuilder<unknown> {
  const direction = sql.raw(isDescending(sort) ? 'desc' : 'asc');
  return sql.join(sortKeys(sort).map((key) => sql`${columnOf(key)} ${direction}`));
}

/** The condition that a task comes after a position in the order; `position` holds one value a key. */
export function isAfter(sort: TaskSort, position: readonly unknown[]): RawBuilder<boolean> {
  const keys = sortKeys(sort);
  const values = keys.map((key, i) => EXPRESSIONS[key](sql`${position[i]}`));
  const comparison = sql.raw(isDescending(sort) ? '<' : '>');
  return sql<boolean>`(${sql.join(keys.map(columnOf))}) ${comparison} (${sql.join(values)})`;
}

function columnOf(key: SortKey): RawBuilder<unknown> {
  return key === 'title' ? sql`left(title, ${titleLength}) collate natural_order` : sql.ref(key);
}
