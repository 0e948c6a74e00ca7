import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveToOwnerOf } from './data-dir.ts';
import { systemErrorCode } from './errors.ts';

/** What the process that runs the cluster tells others about it. */
export interface Holder {
  pid: number;
  role: 'server' | 'command';
  /** The socket's directory; `null` until connections are accepted. */
  socketDir: string | null;
}

const FILE = 'postgres-holder.json';

/** Says who runs the cluster; only the process with the lock may. */
export function writeHolder(dataDir: string, holder: Holder): void {
  const draft = join(dataDir, `.${FILE}.new`);
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  giveToOwnerOf(dataDir, draft);
  renameSync(draft, join(dataDir, FILE));
}

/** What was last written, which may be by a process that has ended since; `null` before the first start. */
export function readHolder(dataDir: string): Holder | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Like `readHolder`, but `null` when that process no longer exists. */
export function readLivingHolder(dataDir: string): Holder | null {
  const holder = readHolder(dataDir);
  return holder !== null && isAlive(holder.pid) ? holder : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
