import type pg from 'pg';

interface Column {
  table: string;
  column: string;
  /** Name of the type in pg_type. */
  type: string;
  is_nullable: boolean;
  has_default: boolean;
  is_generated: boolean;
  /** CHECK conditions on this column alone. */
  checks: string[];
}

const COLUMNS = `
  SELECT c.relname AS "table", a.attname AS "column", t.typname AS type,
    NOT a.attnotnull AS is_nullable,
    a.atthasdef AND a.attgenerated = '' OR a.attidentity <> '' AS has_default,
    a.attgenerated <> '' AS is_generated,
    array(
      SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
      WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = array[a.attnum]
      ORDER BY k.conname
    ) AS checks
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  ORDER BY c.relname, a.attnum`;

/** The types as the pool delivers them: see row-types.ts. */
const TYPES: Record<string, string> = {
  bool: 'boolean',
  bytea: 'Buffer',
  date: 'string',
  float8: 'number',
  inet: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  _text: 'string[]',
  jsonb: 'Json',
  numeric: 'string',
  text: 'string',
  timestamptz: 'string',
  uuid: 'string',
};

const HEADER = `// The tables after all migrations, generated from the catalogs. Do not edit.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Read as parsed JSON, written as JSON text. */
export type Json = ColumnType<unknown, string, string>;
export type NullableJson = ColumnType<unknown, string | null, string | null>;
`;

/**
 * Writes Kysely's table interfaces for the present schema.
 * @throws Error for a column of a type that has no counterpart here
 */
export async function tableTypes(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<Column>(COLUMNS);
  const tables = Map.groupBy(rows, (row) => row.table);
  const interfaces = [...tables].map(([table, columns]) => {
    const lines = columns.map((column) => `  ${column.column}: ${typeOf(column)};`);
    return `export interface ${interfaceName(table)} {\n${lines.join('\n')}\n}\n`;
  });
  const index = [...tables.keys()].map((table) => `  ${table}: ${interfaceName(table)};`);
  return [HEADER, ...interfaces, `export interface Tables {\n${index.join('\n')}\n}\n`].join('\n');
}

function typeOf(column: Column): string {
  const plain = wordsOf(column.checks) ?? TYPES[column.type];
  if (plain === undefined) {
    throw new Error(`${column.table}.${column.column}: no type for ${column.type}`);
  }
  if (plain === 'Json') return column.is_nullable ? 'NullableJson' : 'Json';
  const type = column.is_nullable ? `${plain} | null` : plain;
  if (column.is_generated) return `GeneratedAlways<${type}>`;
  return column.has_default ? `Generated<${type}>` : type;
}

/** The words of `CHECK (column IN ('a', 'b'))`, which PostgreSQL rewrites, as a union. */
function wordsOf(checks: string[]): string | undefined {
  for (const check of checks) {
    const list = /^CHECK \(\(?\w+ = (?:ANY \(ARRAY\[(.+)\]\)|('[^']+'::text))\)?\)$/.exec(check);
    const words = (list?.[1] ?? list?.[2])?.match(/'[^']+'(?=::text)/g);
    if (words) return words.join(' | ');
  }
  return undefined;
}

function interfaceName(table: string): string {
  return table.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
