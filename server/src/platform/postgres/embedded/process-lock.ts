import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { giveToOwnerOf } from './data-dir.ts';
import { systemErrorCode } from './errors.ts';

const SQLITE_BUSY = 5;

/** A lock on a file that the kernel lifts when this process ends, however it ends. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the lock on `file` without waiting; `null` while another process, or another holder in this one, has it.
 *
 * Node offers no flock; an empty SQLite database in an open transaction holds the same kind of lock.
 * Unlike a pid file it is never stale, can't be taken over twice, and holds across containers that share the directory.
 */
export function tryLock(file: string, mode: 'exclusive' | 'shared'): ProcessLock | null {
  createPrivately(file);
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY'); // nothing is ever written, so no file beside this one
    if (mode === 'exclusive') database.exec('BEGIN EXCLUSIVE');
    else database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

/** Another user who could open the file could hold the lock. An existing file stays unopened: closing it would drop this process's locks. */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    giveToOwnerOf(dirname(file), file);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
