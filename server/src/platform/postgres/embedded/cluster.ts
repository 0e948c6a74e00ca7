import { execFile } from 'node:child_process';
import {
  chownSync,
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ClusterAccount } from './account.ts';
import { POSTGRES_MAJOR } from './binaries.ts';
import { EmbeddedPostgresError, systemErrorCode } from './errors.ts';
import { endClusterProcesses } from './processes.ts';
import { SUPERUSER_ROLE } from './settings.ts';

const DRAFT_PREFIX = 'postgres.init-';

/** Where a cluster lies and how its programs are run. */
export interface Cluster {
  /** PostgreSQL's own data directory, inside the data directory. */
  directory: string;
  binDir: string;
  account: ClusterAccount;
}

/**
 * Creates the cluster unless it exists; one that was interrupted half way is thrown away and begun again.
 * @throws EmbeddedPostgresError when it can't be created, or was written by another major version
 */
export async function ensureCluster(cluster: Cluster): Promise<{ isNew: boolean }> {
  await removeDrafts(dirname(cluster.directory));
  const version = readVersion(cluster.directory);
  if (version === null) {
    await createCluster(cluster);
    return { isNew: true };
  }
  if (version !== POSTGRES_MAJOR) {
    throw new EmbeddedPostgresError(
      `The database in ${cluster.directory} was written by PostgreSQL ${version} and this release of Docket brings PostgreSQL ${POSTGRES_MAJOR}: make a backup with the release that wrote it and restore that into an empty DATA_DIR.`,
    );
  }
  return { isNew: false };
}

function readVersion(clusterDir: string): string | null {
  try {
    return readFileSync(join(clusterDir, 'PG_VERSION'), 'utf8').trim();
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT' && isAbsent(clusterDir)) return null;
    throw new EmbeddedPostgresError(
      `${clusterDir} is no PostgreSQL database that this user can read (${systemErrorCode(cause)}): start Docket as the user who created it, or set DATA_DIR to another directory.`,
      { cause },
    );
  }
}

function isAbsent(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT';
  }
}

async function createCluster(cluster: Cluster): Promise<void> {
  const parent = dirname(cluster.directory);
  const draft = mkdtempSync(join(parent, DRAFT_PREFIX));
  if (cluster.account.runAs !== null) {
    chownSync(draft, cluster.account.runAs.uid, cluster.account.runAs.gid);
  }
  // Syncing once at the end is five times faster than initdb's way and leaves the same on the disk.
  await createFiles(cluster, draft);
  await runInitdb(cluster, draft, ['--sync-only']);
  renameSync(draft, cluster.directory);
  syncDirectory(parent);
}

const INITDB_OPTIONS = [
  `--username=${SUPERUSER_ROLE}`,
  '--auth=peer',
  '--encoding=UTF8',
  // PostgreSQL's own code-point order never changes with an update of the operating system, as the
  // orders of glibc and ICU do, which silently breaks the indexes built on them.
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--data-checksums',
  '--no-instructions',
];

/** `pg_trgm` knows letters beyond ASCII by the system's character types; not every system has these. */
const UNICODE_LETTERS = '--lc-ctype=C.UTF-8';

async function createFiles(cluster: Cluster, draft: string): Promise<void> {
  const options = [...INITDB_OPTIONS, '--no-sync'];
  try {
    await runInitdb(cluster, draft, [...options, UNICODE_LETTERS]);
  } catch (error) {
    if (!/locale/i.test((error as Error).message)) throw error;
    // Searches for words in other scripts are then slower, not wrong.
    await runInitdb(cluster, draft, options);
  }
}

async function runInitdb(cluster: Cluster, directory: string, options: string[]): Promise<void> {
  const program = join(cluster.binDir, 'initdb');
  const arguments_ = [...options, '-D', dataDirArgument(cluster.account, directory)];
  try {
    await promisify(execFile)(program, arguments_, spawnOptions(cluster.account, directory));
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    const reason = said || (cause instanceof Error ? cause.message : String(cause));
    throw new EmbeddedPostgresError(
      `The database can't be created in ${dirname(directory)}: ${reason}`,
      { cause },
    );
  }
}

async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of readdirSync(dataDir)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue;
    const draft = join(dataDir, name);
    // The initdb of a killed start goes on writing.
    await endClusterProcesses(draft, null);
    rmSync(draft, { recursive: true });
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/**
 * The `-D` argument for a program started in `directory` itself.
 * On Linux another account reaches it by its own working directory, so that the path to it may lead through private homes.
 */
export function dataDirArgument(account: ClusterAccount, directory: string): string {
  return account.runAs !== null && process.platform === 'linux' ? '/proc/self/cwd' : directory;
}

/** Options to run one of PostgreSQL's programs: as the cluster's account, with nothing of this process's environment. */
export function spawnOptions(account: ClusterAccount, directory: string) {
  return {
    cwd: directory,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    ...account.runAs,
  };
}

/** The name of the cluster's directory inside the data directory. */
export function clusterDirOf(dataDir: string): string {
  return join(dataDir, 'postgres');
}
