import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterDirOf } from './cluster.ts';
import { prepareDataDir, unwritable } from './data-dir.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { readLivingHolder } from './holder.ts';
import { readPostmasterFile } from './postmaster.ts';
import { type ProcessLock, tryLock } from './process-lock.ts';
import { type ConnectionTarget, targetFor } from './roles.ts';
import { runCluster } from './run-cluster.ts';
import { APP_ROLE, OWNER_ROLE } from './settings.ts';
import type { EmbeddedPostgresLog } from './supervisor.ts';

const LOCK_FILE = 'postgres.lock';
const GUESTS_LOCK_FILE = 'postgres-guests.lock';
const POLL_MS = 25;
const JOIN_TIMEOUT_MS = 60_000;
const COMMAND_TIMEOUT_MS = 15_000;
const HOLDER_TIMEOUT_MS = 500;

export interface EmbeddedPostgresOptions {
  /** Absolute, as `resolveDataDir` gives it. */
  dataDir: string;
  log: EmbeddedPostgresLog;
  /** A `server` must be the only one; a `command` joins the cluster of a running process. */
  role: 'server' | 'command';
}

export interface EmbeddedPostgres {
  /** The role that owns nothing and gets its data rights from the migrations. */
  serving: ConnectionTarget;
  /** The role that owns the database and applies migrations. */
  owner: ConnectionTarget;
  /** Changes when the postmaster died and was started again. */
  readonly postmasterPid: number;
  /** Shuts the cluster down, or only leaves it where it was joined; resolves when that is done. */
  stop(): Promise<void>;
}

/**
 * Starts the private PostgreSQL cluster in `dataDir`, creating or recovering it where needed, and keeps it running until `stop`.
 * @throws EmbeddedPostgresError with a sentence for the operator
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  prepareDataDir(dataDir);
  const startedAt = performance.now();
  for (;;) {
    const lock = lockIn(dataDir, LOCK_FILE, 'exclusive');
    if (lock !== null) return await startHolding(dataDir, lock, options);
    const joined = options.role === 'command' ? joinRunning(dataDir) : null;
    if (joined !== null) return joined;
    if (performance.now() - startedAt > waitMs(dataDir, options.role)) throw await inUse(dataDir);
    await sleep(POLL_MS);
  }
}

/** A command waits for a starting server; a server only for a command, which will be done soon. */
function waitMs(dataDir: string, role: EmbeddedPostgresOptions['role']): number {
  if (role === 'command') return JOIN_TIMEOUT_MS;
  return readLivingHolder(dataDir)?.role === 'command' ? COMMAND_TIMEOUT_MS : 0;
}

async function startHolding(
  dataDir: string,
  lock: ProcessLock,
  { role, log }: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  try {
    const cluster = await runCluster(dataDir, role, log);
    let stopping: Promise<void> | null = null;
    const stop = async () => {
      const noGuests = role === 'command' ? await untilGuestsLeft(dataDir) : null;
      await cluster.stop();
      lock.release();
      noGuests?.release();
    };
    return embeddedPostgres(cluster.socketDir, cluster.postmasterPid, () => {
      stopping ??= stop();
      return stopping;
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Uses the cluster of another process, or `null` while that doesn't accept connections. */
function joinRunning(dataDir: string): EmbeddedPostgres | null {
  const guest = lockIn(dataDir, GUESTS_LOCK_FILE, 'shared');
  if (guest === null) return null;
  const postmaster = readPostmasterFile(clusterDirOf(dataDir));
  const socketDir = readLivingHolder(dataDir)?.socketDir;
  if (!postmaster?.isReady || !socketDir) {
    guest.release();
    return null;
  }
  const postmasterPid = () => readPostmasterFile(clusterDirOf(dataDir))?.pid ?? postmaster.pid;
  return embeddedPostgres(socketDir, postmasterPid, async () => guest.release());
}

/** A command that started the cluster leaves it to those who joined it until they are done. */
async function untilGuestsLeft(dataDir: string): Promise<ProcessLock> {
  for (;;) {
    const lock = lockIn(dataDir, GUESTS_LOCK_FILE, 'exclusive');
    if (lock !== null) return lock;
    await sleep(POLL_MS);
  }
}

function embeddedPostgres(
  socketDir: string,
  postmasterPid: () => number,
  stop: () => Promise<void>,
): EmbeddedPostgres {
  return {
    serving: targetFor(socketDir, APP_ROLE),
    owner: targetFor(socketDir, OWNER_ROLE),
    get postmasterPid() {
      return postmasterPid();
    },
    stop,
  };
}

function lockIn(dataDir: string, file: string, mode: 'exclusive' | 'shared'): ProcessLock | null {
  try {
    return tryLock(join(dataDir, file), mode);
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

/** The holder writes its name a moment after it took the lock. */
async function inUse(dataDir: string): Promise<EmbeddedPostgresError> {
  const deadline = performance.now() + HOLDER_TIMEOUT_MS;
  let holder = readLivingHolder(dataDir);
  while (holder === null && performance.now() < deadline) {
    await sleep(POLL_MS);
    holder = readLivingHolder(dataDir);
  }
  const name = holder === null ? 'another process' : `process ${holder.pid}`;
  return new EmbeddedPostgresError(
    `The data directory ${dataDir} is in use by ${name}: stop it first, or set DATA_DIR to another directory.`,
  );
}
