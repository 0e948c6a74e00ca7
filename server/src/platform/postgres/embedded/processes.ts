import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError, systemErrorCode } from './errors.ts';

const PROGRAMS = ['postgres', 'initdb'];
const POLL_MS = 10;
/** A stop stays within ten seconds, most of which belong to the requests under way; what isn't written by then is recovered from the log at the next start. */
const FAST_SHUTDOWN_MS = 2_000;
const IMMEDIATE_SHUTDOWN_MS = 500;
const KILL_MS = 5_000;

/** The pids of all living PostgreSQL processes whose working directory is `clusterDir`; zombies don't count. */
export async function findClusterProcesses(clusterDir: string): Promise<number[]> {
  const directory = statSync(clusterDir, { throwIfNoEntry: false });
  if (directory === undefined) return [];
  if (process.platform !== 'linux') return await findWithLsof(clusterDir);
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => runsPostgresIn(pid, directory))
    .map(Number);
}

function runsPostgresIn(pid: string, directory: { dev: number; ino: number }): boolean {
  try {
    // An executable replaced by an update reads as "postgres (deleted)".
    const executable = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
    if (!PROGRAMS.includes(executable)) return false;
    const cwd = statSync(`/proc/${pid}/cwd`);
    return cwd.dev === directory.dev && cwd.ino === directory.ino;
  } catch {
    return false; // gone meanwhile, a zombie, or another user's
  }
}

async function findWithLsof(clusterDir: string): Promise<number[]> {
  const programs = PROGRAMS.flatMap((program) => ['-c', program]);
  const arguments_ = ['-a', ...programs, '-d', 'cwd', '-Fpn'];
  // lsof exits with 1 when nothing matches.
  const { stdout } = await promisify(execFile)('lsof', arguments_).catch(() => ({ stdout: '' }));
  return pidsFromLsof(stdout, clusterDir);
}

/** Reads the pids from `lsof -Fpn` output: a `p<pid>` line, then `n<directory>` for each match. */
export function pidsFromLsof(output: string, clusterDir: string): number[] {
  const pids: number[] = [];
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line === `n${clusterDir}`) pids.push(pid);
  }
  return pids;
}

/**
 * Ends every process of the cluster in `clusterDir`: a living postmaster by a fast shutdown, its orphans at once.
 * Only the holder of the cluster's lock may call this.
 * @returns how many processes were found
 * @throws EmbeddedPostgresError when one survives
 */
export async function endClusterProcesses(
  clusterDir: string,
  postmasterPid: number | null,
): Promise<number> {
  const found = await findClusterProcesses(clusterDir);
  if (found.length === 0) return 0;
  if (postmasterPid !== null && found.includes(postmasterPid)) {
    sendSignal(postmasterPid, 'SIGINT');
    if (await isEmptyWithin(clusterDir, FAST_SHUTDOWN_MS)) return found.length;
    sendSignal(postmasterPid, 'SIGQUIT');
    if (await isEmptyWithin(clusterDir, IMMEDIATE_SHUTDOWN_MS)) return found.length;
  }
  // Without a postmaster nothing they do is lost by SIGKILL: the log of committed work is on disk.
  for (const pid of await findClusterProcesses(clusterDir)) sendSignal(pid, 'SIGKILL');
  if (await isEmptyWithin(clusterDir, KILL_MS)) return found.length;
  const left = (await findClusterProcesses(clusterDir)).join(', ');
  throw new EmbeddedPostgresError(
    `PostgreSQL processes of an earlier run still use ${clusterDir} and can't be ended (process ${left}): end them, then start again.`,
  );
}

async function isEmptyWithin(clusterDir: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while ((await findClusterProcesses(clusterDir)).length > 0) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Sends `signal` to `pid`; a process that is already gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}
