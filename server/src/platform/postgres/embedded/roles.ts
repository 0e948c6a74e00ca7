import pg from 'pg';
import { APP_ROLE, OWNER_ROLE, SUPERUSER_ROLE } from './settings.ts';
import { SOCKET_PORT } from './socket-dir.ts';

export const DATABASE = 'docket';

/** Where a role connects; `host` is the directory of the socket. */
export interface ConnectionTarget {
  host: string;
  port: number;
  user: string;
  database: string;
}

/** The connection target of `user` on the product's database. */
export function targetFor(socketDir: string, user: string): ConnectionTarget {
  return { host: socketDir, port: SOCKET_PORT, user, database: DATABASE };
}

/** Creates whichever of the two roles and the database is missing, which also completes an interrupted first start. */
export async function ensureRolesAndDatabase(socketDir: string): Promise<void> {
  const superuser = { ...targetFor(socketDir, SUPERUSER_ROLE), database: 'postgres' };
  const client = new pg.Client(superuser);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select rolname as name from pg_roles where rolname in ($1, $2)
       union all select 'database ' || datname from pg_database where datname = $3`,
      [OWNER_ROLE, APP_ROLE, DATABASE],
    );
    const present = new Set(rows.map((row) => row.name));
    // Restoring compares with a scratch database, which the owner creates.
    if (!present.has(OWNER_ROLE)) await client.query(`create role ${OWNER_ROLE} login createdb`);
    if (!present.has(APP_ROLE)) await client.query(`create role ${APP_ROLE} login`);
    if (!present.has(`database ${DATABASE}`)) {
      await client.query(`create database ${DATABASE} owner ${OWNER_ROLE}`);
    }
    if (present.size < 3) {
      await client.query(`revoke all on database ${DATABASE} from public`);
      await client.query(`grant connect on database ${DATABASE} to ${APP_ROLE}`);
    }
  } finally {
    await client.end();
  }
}
