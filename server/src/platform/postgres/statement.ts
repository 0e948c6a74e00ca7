import { createHash } from 'node:crypto';
import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely';
import type { Tables } from './tables.gen.ts';

declare const rowType: unique symbol;

/** SQL with its values, ready to run; `Row` is what each row of the answer looks like. */
export interface BoundStatement<Row> {
  /** Name under which the server keeps the plan; undefined: parsed and planned for this call. */
  readonly name: string | undefined;
  readonly text: string;
  readonly values: unknown[];
  readonly [rowType]?: Row;
}

/** Binds arguments to a statement that was compiled once. */
export type Statement<Args, Row> = (args: Args) => BoundStatement<Row>;

/** A Kysely query, or a `sql` template. */
export type Query<Row> = Compilable<Row> | RawBuilder<Row>;

/** Builds queries on the tables of the schema; it only compiles and never connects. */
export const builder = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** PostgreSQL cuts identifiers after 63 bytes, which would make different names equal. */
const NAME_BYTES = 63;
const HASH_DIGITS = 16;

/** Stands for an argument while a statement is compiled. */
class Marker {
  readonly argument: string;

  constructor(argument: string) {
    this.argument = argument;
  }

  // Only a marker that goes into the query whole becomes a parameter.
  [Symbol.toPrimitive](): never {
    throw new TypeError(`Argument ${this.argument} must be passed on whole, not computed with`);
  }
}

const definedNames = new Set<string>();

/**
 * Compiles a bounded query once, when its module is loaded; calls only bind arguments. `build` gets
 * a marker for every argument: put it where the value belongs. Values that are not markers are
 * constants. A list is one argument: compare with `= any(…)`, not `in`.
 * @throws Error when the name is taken, or holds anything but letters, digits, `.`, `_` and `-`
 */
export function defineStatement<Args extends object, Row = unknown>(
  name: string,
  build: (parameters: Args) => Query<Row>,
): Statement<Args, Row> {
  if (!/^[A-Za-z][\w.-]*$/.test(name)) throw new Error(`Statement name ${name} is not valid`);
  if (definedNames.has(name)) throw new Error(`There are two statements named ${name}`);
  definedNames.add(name);

  const parameters = new Proxy({} as Args, { get: (_, key) => new Marker(String(key)) });
  const { sql: text, parameters: slots } = compile(build(parameters));
  const serverName = nameOf(name, text);
  const bind = binderOf(name, slots);
  return (args) => ({ name: serverName, text, values: bind(args as Record<string, unknown>) });
}

/**
 * Compiles a query for this call. `prepare` gives it a name derived from its text, for families of
 * queries with few shapes; leave it off where shapes are many or plans depend on the values.
 */
export function adhoc<Row>(
  query: Query<Row>,
  options: { prepare?: boolean } = {},
): BoundStatement<Row> {
  const { sql: text, parameters } = compile(query);
  const name = options.prepare ? nameOf('adhoc', text) : undefined;
  return { name, text, values: [...parameters] };
}

/** The same statement without a name: parsed and planned for this call. */
export function unnamed<Row>(statement: BoundStatement<Row>): BoundStatement<Row> {
  if (statement.name === undefined) return statement;
  return { name: undefined, text: statement.text, values: statement.values };
}

function compile<Row>(query: Query<Row>): CompiledQuery<Row> {
  // Query builders carry their compiler and ignore the argument; `sql` templates need it.
  return (query as RawBuilder<Row>).compile(builder);
}

/** The hash keeps a pooled session of one release from running the text of another. */
function nameOf(name: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
  return `${name.slice(0, NAME_BYTES - HASH_DIGITS - 1)}:${hash}`;
}

function binderOf(
  name: string,
  slots: readonly unknown[],
): (args: Record<string, unknown>) => unknown[] {
  return (args) => {
    const values = new Array(slots.length);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      if (!(slot instanceof Marker)) {
        values[i] = slot;
        continue;
      }
      const value = args[slot.argument];
      // `pg` would send null, which silently matches nothing.
      if (value === undefined) throw new TypeError(`${name} lacks argument ${slot.argument}`);
      values[i] = value;
    }
    return values;
  };
}
