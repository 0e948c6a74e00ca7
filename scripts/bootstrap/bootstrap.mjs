import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BootstrapError } from './error.mjs';
import { install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { assertWritable, giveToOwner } from './ownership.mjs';
import { buildWeb, isWebBuilt } from './web.mjs';

export { BootstrapError };

/**
 * Installs and builds what is missing or out of date in the clone at `repository` (a file URL).
 * @throws BootstrapError with a sentence for the person at the terminal
 */
export async function bootstrap({ repository, withWeb, say }) {
  const root = fileURLToPath(repository).replace(/\/$/, '');
  const isReady = () => isInstalled(root) && (!withWeb || isWebBuilt(root));
  if (isReady()) return;
  const cache = join(root, '.cache');
  assertWritable(root);
  mkdirSync(cache, { recursive: true });
  giveToOwner(root, cache);
  await withLock(join(cache, 'bootstrap.lock'), say, async () => {
    if (!isInstalled(root)) await install(root, say);
    if (withWeb && !isWebBuilt(root)) await buildWeb(root, say);
  });
}
