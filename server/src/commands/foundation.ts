import { type Config, loadConfig } from '../config/config.ts';
import { processSettings } from '../config/env.ts';
import { keptSecretKey } from '../config/secrets.ts';
import type { Foundation } from '../context.ts';
import { createLog, type Log } from '../platform/log.ts';
import type { ConnectionSource } from '../platform/postgres/connection-options.ts';
import { resolveDataDir } from '../platform/postgres/embedded/data-dir.ts';
import { startEmbeddedPostgres } from '../platform/postgres/embedded/embedded-postgres.ts';

/** The database as a command finds it, and how to leave it. */
export interface OpenDatabase {
  connection: ConnectionSource;
  directConnection: ConnectionSource;
  /** As the role that owns the tables. */
  ownerConnection: ConnectionSource;
  /** The role in `connection`, which needs data rights; null where it is the owner itself. */
  servingRole: string | null;
  /** Where the data lies, for people. */
  place: string;
  close(): Promise<void>;
}

/**
 * What every command starts from: the validated configuration and the log. A server's log is what it
 * has to say; the other commands leave standard output to what they were asked for.
 */
export function readConfig(logTo: 'stdout' | 'stderr' = 'stderr'): { config: Config; log: Log } {
  const config = loadConfig(processSettings());
  const level = config.logLevel ?? (process[logTo].isTTY ? 'warn' : 'info');
  return { config, log: createLog(level, logTo === 'stderr' ? process.stderr : undefined) };
}

/**
 * Reaches the configured database, starting the embedded one where that is configured. A `server`
 * must be the only one on it; a `command` joins a running one.
 * @throws EmbeddedPostgresError
 */
export async function openDatabase(
  config: Config,
  log: Log,
  role: 'server' | 'command',
): Promise<OpenDatabase> {
  const { target } = config.database;
  if (target.kind === 'external') {
    return {
      connection: target.url,
      directConnection: target.directUrl,
      ownerConnection: target.migrationUrl,
      servingRole: target.migrationUrl === target.directUrl ? null : userOf(target.url),
      place: 'the database in DATABASE_URL',
      close: async () => undefined,
    };
  }
  const dataDir = resolveDataDir(config.dataDir ?? undefined);
  const cluster = await startEmbeddedPostgres({
    dataDir,
    role,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
  return {
    connection: { ...cluster.serving },
    directConnection: { ...cluster.serving },
    ownerConnection: { ...cluster.owner },
    servingRole: cluster.serving.user,
    place: dataDir,
    close: () => cluster.stop(),
  };
}

/** The rest of what a context needs. `port` stands in the address where none is configured. */
export function foundationOf(
  config: Config,
  log: Log,
  database: OpenDatabase,
  port: number = config.port,
): Foundation {
  const secretKey = config.secretKey ?? keptSecretKey(resolveDataDir(config.dataDir ?? undefined));
  const { connection, directConnection } = database;
  const publicUrl = config.publicUrl ?? `http://localhost:${port}`;
  return { config, log, publicUrl, secretKey, connection, directConnection };
}

function userOf(url: string): string | null {
  const parsed = new URL(url);
  return decodeURIComponent(parsed.username) || parsed.searchParams.get('user');
}
