import { chownSync, lstatSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { ClusterAccount } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';

/** No TCP port is opened: the number only names the socket's file. */
export const SOCKET_PORT = 5432;

const SOCKET_FILE = `.s.PGSQL.${SOCKET_PORT}`;
const PREFIX = 'docket-';
/** Linux allows 107 bytes for a socket's path, macOS 103. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * Creates a fresh directory for the socket that only the cluster's account may enter, with a path short enough for a socket.
 * Its unpredictable name is what keeps another user from preparing it beforehand.
 * @throws EmbeddedPostgresError when no temporary directory is usable
 */
export function createSocketDir(account: ClusterAccount): string {
  const parents = [account.runAs === null ? [] : ['/run'], resolve(tmpdir()), '/tmp'].flat();
  let cause: unknown;
  for (const parent of parents) {
    if (Buffer.byteLength(join(parent, `${PREFIX}XXXXXX`, SOCKET_FILE)) > MAX_SOCKET_PATH_BYTES) {
      continue;
    }
    try {
      const directory = mkdtempSync(join(parent, PREFIX));
      if (account.runAs !== null) chownSync(directory, account.runAs.uid, account.runAs.gid);
      return directory;
    } catch (error) {
      cause = error;
    }
  }
  throw new EmbeddedPostgresError(
    `No directory for PostgreSQL's socket could be created in ${parents.join(' or ')}: set TMPDIR to a writable directory with a short path.`,
    { cause },
  );
}

/** Removes a socket directory of a cluster that has ended, and nothing else that may lie there. */
export function removeSocketDir(directory: string): void {
  if (!basename(directory).startsWith(PREFIX)) return;
  try {
    if (!lstatSync(directory).isDirectory()) return;
    rmSync(join(directory, SOCKET_FILE), { force: true });
    rmSync(join(directory, `${SOCKET_FILE}.lock`), { force: true });
    rmdirSync(directory);
  } catch {
    // Somebody else's file in it, or gone already: an empty directory left behind does no harm.
  }
}
