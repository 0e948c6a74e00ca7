import { accessSync, chownSync, constants, mkdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { EmbeddedPostgresError, systemErrorCode } from './errors.ts';

const ROOT_DATA_DIR = '/var/lib/docket';
const REPOSITORY_DIR = resolve(import.meta.dirname, '../../../../..');

/** True where this process is root, which PostgreSQL refuses to run as. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The absolute data directory: what is configured, else `/var/lib/docket` as root, else `data` in the repository. */
export function resolveDataDir(configured?: string): string {
  if (configured !== undefined && configured !== '') return resolve(configured);
  return isRoot() ? ROOT_DATA_DIR : join(REPOSITORY_DIR, 'data');
}

/**
 * Creates the data directory where it is missing and proves that this process can write in it.
 * @throws EmbeddedPostgresError with the directory's name
 */
export function prepareDataDir(dataDir: string): void {
  try {
    // Off Linux a separate account has to walk through this directory to reach the cluster.
    const mode = isRoot() && process.platform !== 'linux' ? 0o711 : 0o700;
    mkdirSync(dataDir, { recursive: true, mode });
    if (!statSync(dataDir).isDirectory()) throw new Error('it is not a directory');
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

/** As root, gives `file` to the owner of `directory`, whose next start could not use it otherwise. */
export function giveToOwnerOf(directory: string, file: string): void {
  if (!isRoot()) return;
  const { uid, gid } = statSync(directory);
  chownSync(file, uid, gid);
}

/** The error for a data directory that can't be created or written, naming it and the way out. */
export function unwritable(dataDir: string, cause: unknown): EmbeddedPostgresError {
  const reason = systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new EmbeddedPostgresError(
    `The data directory ${dataDir} can't be written (${reason}): make it writable for the user ${userName()}, or set DATA_DIR to a directory that is.`,
    { cause },
  );
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `with id ${process.getuid?.()}`;
  }
}
