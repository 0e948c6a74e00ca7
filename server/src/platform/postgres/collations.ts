import type pg from 'pg';

/**
 * Rebuilds what depends on a collation whose rules have changed with the server's ICU library: an
 * index sorted by the old rules would lose rows. Such a change comes with an upgrade of the server.
 */
export async function refreshCollations(
  client: pg.Client,
  log: (message: string) => void,
): Promise<void> {
  const { rows } = await client.query<{ name: string; indexes: string[] }>(`
    SELECT format('%I.%I', n.nspname, c.collname) AS name,
      array(
        SELECT format('%I.%I', n.nspname, k.relname)
        FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
        WHERE c.oid = ANY (i.indcollation::oid[]) ORDER BY 1
      )::text[] AS indexes
    FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
    WHERE n.nspname = current_schema()
      AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid)`);
  for (const { name, indexes } of rows) {
    for (const index of indexes) await client.query(`REINDEX INDEX ${index}`);
    await client.query(`ALTER COLLATION ${name} REFRESH VERSION`);
    log(`rebuilt ${indexes.length} indexes, since the server sorts ${name} by newer rules`);
  }
}
