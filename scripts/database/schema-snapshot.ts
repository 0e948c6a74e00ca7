import type pg from 'pg';

/** Each query answers lines of one kind in a fixed order; `line` is what goes into the file. */
const SECTIONS = {
  extensions: `
    SELECT format('EXTENSION %s', extname) AS line FROM pg_extension
    WHERE extname <> 'plpgsql' ORDER BY extname`,
  collations: `
    SELECT format('COLLATION %s provider=%s deterministic=%s',
      collname, collprovider, collisdeterministic) AS line
    FROM pg_collation WHERE collnamespace = current_schema()::regnamespace ORDER BY collname`,
  tables: `
    SELECT format(E'TABLE %s%s (\\n%s\\n)', c.relname,
      coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''),
      string_agg(format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
        CASE
          WHEN d.adbin IS NULL THEN ''
          WHEN a.attgenerated = 's'
            THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
          ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
        END), E',\\n' ORDER BY a.attnum)) AS line
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    GROUP BY c.oid ORDER BY c.relname`,
  constraints: `
    SELECT format('CONSTRAINT %s ON %s %s', conname, conrelid::regclass,
      pg_get_constraintdef(oid)) AS line
    FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0 AND contype <> 'n'
    ORDER BY conrelid::regclass::text, conname`,
  indexes: `
    SELECT pg_get_indexdef(i.indexrelid) AS line
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = current_schema()::regnamespace ORDER BY c.relname`,
  functions: `
    SELECT pg_get_functiondef(p.oid) AS line FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY p.proname`,
  triggers: `
    SELECT pg_get_triggerdef(oid) AS line FROM pg_trigger
    WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname`,
};

const HEADER = '-- The schema after all migrations, generated from the catalogs. Do not edit.';

/** Describes everything in the present schema, as text that is the same for equal schemas. */
export async function schemaSnapshot(client: pg.ClientBase): Promise<string> {
  const sections: string[] = [HEADER];
  for (const query of Object.values(SECTIONS)) {
    const { rows } = await client.query<{ line: string }>(query);
    if (rows.length > 0) sections.push(rows.map((row) => `${row.line.trimEnd()};`).join('\n'));
  }
  return `${sections.join('\n\n')}\n`;
}
