import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isRoot } from './data-dir.ts';
import { EmbeddedPostgresError } from './errors.ts';

/** Who runs PostgreSQL (`runAs`, or `null` for this process's own user) and who connects to it. */
export interface ClusterAccount {
  runAs: { uid: number; gid: number } | null;
  /** The name `peer` authentication sees when this process connects. */
  connectingUser: string;
}

/**
 * Chooses the account of the cluster in `clusterDir`: this user, or as root the owner of an existing cluster, else `postgres`, else `nobody`.
 * @throws EmbeddedPostgresError when no account fits
 */
export function resolveAccount(clusterDir: string): ClusterAccount {
  const connectingUser = currentUserName();
  if (!isRoot()) return { runAs: null, connectingUser };
  const runAs = ownerOf(clusterDir) ?? accountFromPasswd('postgres') ?? accountFromPasswd('nobody');
  if (runAs === null) {
    throw new EmbeddedPostgresError(
      'PostgreSQL refuses to run as root and this system has neither an account "postgres" nor "nobody": start Docket as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
  return { runAs, connectingUser };
}

function currentUserName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL needs an account with an entry in /etc/passwd, and user id ${process.getuid?.()} has none: set DATABASE_URL to a PostgreSQL server.`,
      { cause },
    );
  }
}

/** A cluster keeps the account it was created with; PostgreSQL refuses a directory of another owner. */
function ownerOf(clusterDir: string): { uid: number; gid: number } | null {
  const stat = statSync(clusterDir, { throwIfNoEntry: false });
  return stat === undefined || stat.uid === 0 ? null : { uid: stat.uid, gid: stat.gid };
}

function accountFromPasswd(name: string): { uid: number; gid: number } | null {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [entry, , uid, gid] = line.split(':');
    if (entry !== name || uid === undefined || gid === undefined) continue;
    // macOS writes the ids of nobody as -2; the kernel counts them without sign.
    return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  return null;
}
