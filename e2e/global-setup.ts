import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Brings the built web application up to date, as the start command does. */
export default function buildWebApplication(): void {
  const bootstrap = join(import.meta.dirname, '../scripts/bootstrap.mjs');
  execFileSync(process.execPath, [bootstrap], { stdio: 'inherit' });
}
