import pg from 'pg';
import { type ConnectionSource, connectionOptions } from './connection-options.ts';
import { rowTypes } from './row-types.ts';

export interface SessionSettings {
  statementTimeoutMs: number;
  /** How long a transaction may sit without a statement before the server ends the session. */
  idleInTransactionTimeoutMs: number;
}

/** The timeouts of sessions that migrate: none, since an index on a big table takes its time. */
export const UNLIMITED: SessionSettings = { statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };

const NO_TLS_MESSAGE = 'The server does not support SSL connections';

/** Whether a server without TLS is what made a connection fail. */
export function isTlsMissing(error: unknown): boolean {
  return error instanceof Error && error.message === NO_TLS_MESSAGE;
}

/**
 * The statements that begin every session. They are sent as ordinary SQL rather than as start-up
 * parameters because PgBouncer refuses those that it does not know; it carries the time zone and
 * date style from server to server by itself. The timeouts stay with the server session that they
 * were sent to: behind a transaction pooler they are set on the role (deploy/postgres/roles.sql)
 * and again inside each transaction.
 */
export function sessionSql(settings: SessionSettings): string {
  return [
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, MDY'",
    `SET statement_timeout = ${Math.trunc(settings.statementTimeoutMs)}`,
    `SET idle_in_transaction_session_timeout = ${Math.trunc(settings.idleInTransactionTimeoutMs)}`,
  ].join('; ');
}

/**
 * Opens one session of its own, outside any pool, for migrations, LISTEN and maintenance.
 * @throws whatever `pg` throws when the server refuses or cannot be reached
 */
export async function connectClient(
  source: ConnectionSource,
  settings: SessionSettings = UNLIMITED,
): Promise<pg.Client> {
  const { config, isTlsOptional } = connectionOptions(source);
  const open = async (ssl: pg.ClientConfig['ssl']) => {
    const client = new pg.Client({
      application_name: 'docket',
      keepAlive: true,
      ...config,
      ...(ssl !== undefined && { ssl }),
      types: rowTypes,
    });
    // Without a listener a connection that breaks while nothing runs would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const client = await open(config.ssl).catch((error: unknown) => {
    if (isTlsOptional && isTlsMissing(error)) return open(false);
    throw error;
  });
  await client.query(sessionSql(settings));
  return client;
}
