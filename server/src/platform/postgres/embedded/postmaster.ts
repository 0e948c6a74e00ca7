import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, dataDirArgument, spawnOptions } from './cluster.ts';
import { giveToOwnerOf } from './data-dir.ts';
import { EmbeddedPostgresError } from './errors.ts';

const POLL_MS = 5;
const STATUS_LINE = 7;

/** A running, or starting, PostgreSQL server. */
export interface Postmaster {
  pid: number;
  /** Resolves when connections are accepted; rejects when the process ends before. */
  ready: Promise<void>;
  /** Resolves with the reason when the process has ended. */
  exited: Promise<string>;
}

/**
 * Starts PostgreSQL in a session of its own, so that a terminal's Ctrl+C doesn't reach it.
 * Only the holder of the cluster's lock may call this, with no process of the cluster left.
 * @throws EmbeddedPostgresError when the program can't be run
 */
export async function startPostmaster(cluster: Cluster): Promise<Postmaster> {
  // A stale one may name a process id that something else has now, which PostgreSQL would respect.
  rmSync(join(cluster.directory, 'postmaster.pid'), { force: true });
  const outputFile = join(dirname(cluster.directory), 'postgres-start.log');
  rmSync(outputFile, { force: true });
  const output = openSync(outputFile, 'wx', 0o600);
  giveToOwnerOf(dirname(cluster.directory), outputFile);
  const arguments_ = ['-D', dataDirArgument(cluster.account, cluster.directory)];
  const child = spawn(join(cluster.binDir, 'postgres'), arguments_, {
    ...spawnOptions(cluster.account, cluster.directory),
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const pid = await pidOf(child);
  child.unref();
  let end: string | null = null;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      end = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve(end);
    });
  });
  const ready = untilReady(cluster, pid, () => {
    if (end !== null) throw failedStart(end, outputFile);
  });
  ready.catch(() => {}); // whoever needs it awaits it; a supervisor may look at `exited` alone
  return { pid, ready, exited };
}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      const text = `PostgreSQL's program can't be run on this system (${cause.message}): set DATABASE_URL to a PostgreSQL server.`;
      reject(new EmbeddedPostgresError(text, { cause }));
    });
    child.once('spawn', () => resolve(child.pid as number));
  });
}

/** Recovery after a crash may take long, so there is no limit but the life of the process. */
async function untilReady(cluster: Cluster, pid: number, assertAlive: () => void): Promise<void> {
  for (;;) {
    assertAlive();
    const status = readPostmasterFile(cluster.directory);
    if (status?.pid === pid && status.isReady) return;
    await sleep(POLL_MS);
  }
}

/** What PostgreSQL wrote about its running server, or `null` when there is none. */
export function readPostmasterFile(clusterDir: string): { pid: number; isReady: boolean } | null {
  try {
    const lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), isReady: lines[STATUS_LINE]?.trim() === 'ready' };
  } catch {
    return null;
  }
}

function failedStart(end: string, outputFile: string): EmbeddedPostgresError {
  const said = readFileSync(outputFile, 'utf8').trim().split('\n').slice(-3).join(' ');
  return new EmbeddedPostgresError(
    `PostgreSQL ended while starting (${end})${said === '' ? '' : `: ${said}`}; more is in the files under postgres/log beside ${outputFile}.`,
  );
}
