import pg from 'pg';

const { builtins } = pg.types;

/** Date and time types arrive as PostgreSQL's own text: a `Date` and back costs a third of a list. */
const TEXT_TYPES = new Set<number>([
  builtins.TIMESTAMPTZ,
  builtins.TIMESTAMP,
  builtins.DATE,
  builtins.INTERVAL,
]);

/** Every bigint of this application is below 2^53. */
const NUMBER_TYPES = new Set<number>([builtins.INT8]);

const asText = (value: string): string => value;

/** How column values become JavaScript values: `int8` number, dates and times text, the rest as `pg` does. */
export const rowTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      if (TEXT_TYPES.has(oid)) return asText;
      if (NUMBER_TYPES.has(oid)) return Number;
    }
    return pg.types.getTypeParser(oid, format as 'text');
  },
};
