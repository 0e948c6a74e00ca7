import { closeSync, fchownSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterAccount } from './account.ts';
import { SOCKET_PORT } from './socket-dir.ts';

export const OWNER_ROLE = 'docket_owner';
export const APP_ROLE = 'docket_app';
export const SUPERUSER_ROLE = 'postgres';

/** Sized for a small machine with one server on it; `custom.conf` in the cluster's directory may change them. */
const TUNING = {
  max_connections: '100',
  shared_buffers: '128MB',
  // Reserving huge pages for this little memory would take it from everything else on the machine.
  huge_pages: 'off',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  // Three input/output workers would sit idle: the data fits in memory.
  io_method: 'sync',
  max_wal_size: '512MB',
  min_wal_size: '80MB',
  // There are no replicas and no archive; a copy is taken by `docket backup`.
  wal_level: 'minimal',
  max_wal_senders: '0',
  random_page_cost: '1.1',
  jit: 'off',
  // A query of a killed server ends instead of holding its locks.
  client_connection_check_interval: '5s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  datestyle: 'ISO, YMD',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %q%u ',
};

/** What durability, privacy and this program rely on; it comes last, so that nothing above it counts. */
function invariants(socketDir: string): Record<string, string> {
  return {
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    cluster_name: 'docket',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    restart_after_crash: 'on',
    allow_alter_system: 'off',
    logging_collector: 'on',
    log_destination: 'stderr',
    log_directory: 'log',
    log_filename: 'postgresql-%Y%m%dT%H%M%S.log',
    log_file_mode: '0600',
    log_rotation_age: '1d',
    log_rotation_size: '10MB',
    log_truncate_on_rotation: 'off',
  };
}

/** Writes `postgresql.conf`, `pg_hba.conf` and `pg_ident.conf` of the cluster, whose settings thereby follow this release. */
export function writeSettings(
  clusterDir: string,
  socketDir: string,
  account: ClusterAccount,
): void {
  writeOwned(clusterDir, 'postgresql.conf', renderSettings(socketDir), account);
  writeOwned(clusterDir, 'pg_hba.conf', 'local all all peer map=docket\n', account);
  writeOwned(clusterDir, 'pg_ident.conf', renderIdentityMap(account.connectingUser), account);
}

/** The text of `postgresql.conf`. */
export function renderSettings(socketDir: string): string {
  return [
    '# Written at each start. Settings of your own belong in custom.conf beside this file.',
    ...renderLines(TUNING),
    "include_if_exists = 'custom.conf'",
    ...renderLines(invariants(socketDir)),
    '',
  ].join('\n');
}

function renderLines(settings: Record<string, string>): string[] {
  return Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
  );
}

/** Lets the server's own user, and root, who could become that user anyway, connect as each role. */
export function renderIdentityMap(connectingUser: string): string {
  const users = new Set([connectingUser, 'root']);
  const roles = [OWNER_ROLE, APP_ROLE, SUPERUSER_ROLE];
  return [...users].flatMap((user) => roles.map((role) => `docket "${user}" ${role}\n`)).join('');
}

/** Replaces a file in the cluster's directory, which belongs to another account: never through a link that may lie there. */
function writeOwned(clusterDir: string, name: string, text: string, account: ClusterAccount): void {
  const draft = join(clusterDir, `.${name}.new`);
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    if (account.runAs !== null) fchownSync(file, account.runAs.uid, account.runAs.gid);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(clusterDir, name));
}
