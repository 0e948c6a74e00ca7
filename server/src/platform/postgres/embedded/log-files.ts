import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Each is at most 10 MB, so that the log of the database stays below 150 MB. */
const KEPT_FILES = 14;
const PRUNE_INTERVAL_MS = 10 * 60_000;
const LOG_FILE = /^postgresql-\d{8}T\d{6}\.log$/;

/** Deletes all but the newest log files of the cluster, now and every ten minutes; returns the way to end that. */
export function keepLogsBounded(clusterDir: string): () => void {
  pruneLogs(clusterDir);
  const timer = setInterval(pruneLogs, PRUNE_INTERVAL_MS, clusterDir);
  timer.unref();
  return () => clearInterval(timer);
}

/** PostgreSQL rotates its log by age and size but never deletes any of it. */
export function pruneLogs(clusterDir: string): void {
  const directory = join(clusterDir, 'log');
  for (const name of listLogs(directory).slice(0, -KEPT_FILES)) {
    rmSync(join(directory, name), { force: true });
  }
}

/** Names carry the time, so that sorting them puts the oldest first. */
function listLogs(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => LOG_FILE.test(name))
      .sort();
  } catch {
    return []; // no log was written yet
  }
}
