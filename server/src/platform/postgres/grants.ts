import pg from 'pg';

/** Tables that the serving role only reads. */
const READ_ONLY_TABLES = ['schema_migrations', 'permissions'];
/** Tables whose rows the serving role adds and never changes. */
const APPEND_ONLY_TABLES = ['audit_events', 'audit_checkpoints'];
/** Tables whose rows the serving role adds and erases, but never changes. */
const ERASABLE_TABLES = ['audit_personal'];

/**
 * Gives a role the rights to read and change rows, and no others, on everything that the present
 * role owns in its schema. Does nothing where both are the same role.
 */
export async function grantDataRights(client: pg.Client, servingRole: string): Promise<void> {
  const { rows } = await client.query<{ owner: string; schema: string }>(
    'SELECT current_user AS owner, current_schema() AS schema',
  );
  const { owner, schema } = rows[0] ?? {};
  if (owner === undefined || schema === undefined) throw new Error('There is no schema to grant');
  if (owner === servingRole) return;
  const role = pg.escapeIdentifier(servingRole);
  const scope = pg.escapeIdentifier(schema);
  const tables = await ownedRelations(client, ['r', 'p']);
  const statements = [
    ...((await mayChangeSchema(client)) ? [`REVOKE CREATE ON SCHEMA ${scope} FROM PUBLIC`] : []),
    ...((await mayChangeSchema(client)) ? [`GRANT USAGE ON SCHEMA ${scope} TO ${role}`] : []),
    ...tables.flatMap((table) => tableGrants(table, role)),
    ...(await ownedRelations(client, ['S'])).map(
      (sequence) => `GRANT USAGE ON SEQUENCE ${pg.escapeIdentifier(sequence)} TO ${role}`,
    ),
  ];
  await client.query('BEGIN');
  try {
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

function tableGrants(table: string, role: string): string[] {
  const name = pg.escapeIdentifier(table);
  return [
    `REVOKE ALL ON TABLE ${name} FROM ${role}`,
    `GRANT ${rightsOn(table)} ON TABLE ${name} TO ${role}`,
  ];
}

function rightsOn(table: string): string {
  if (READ_ONLY_TABLES.includes(table)) return 'SELECT';
  if (APPEND_ONLY_TABLES.includes(table)) return 'SELECT, INSERT';
  if (ERASABLE_TABLES.includes(table)) return 'SELECT, INSERT, DELETE';
  return 'SELECT, INSERT, UPDATE, DELETE';
}

async function ownedRelations(client: pg.Client, kinds: string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = ANY ($1::"char"[])
       AND pg_has_role(c.relowner, 'USAGE') ORDER BY 1`,
    [kinds],
  );
  return rows.map((row) => row.name);
}

/** In databases made before PostgreSQL 15 the schema belongs to the superuser, who settles its rights. */
async function mayChangeSchema(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ is_owner: boolean }>(
    `SELECT pg_has_role(nspowner, 'USAGE') AS is_owner
     FROM pg_namespace WHERE nspname = current_schema()`,
  );
  return rows[0]?.is_owner ?? false;
}
