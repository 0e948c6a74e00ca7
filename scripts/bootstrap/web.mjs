import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BootstrapError } from './error.mjs';
import { filesBelow, hashFiles, readJsonOrNull } from './hash.mjs';
import { giveToOwner } from './ownership.mjs';
import { environment, lastLines, run } from './run.mjs';

const NOT_A_SOURCE = /^(node_modules|dist|\..*)$|\.test\.tsx?$/;

/** True when `web/dist` was built from exactly the present sources and packages. */
export function isWebBuilt(root) {
  const stamp = readJsonOrNull(stampFile(root));
  return stamp !== null && existsSync(pageFile(root)) && isSame(stamp, currentStamp(root));
}

/**
 * Builds the web application into `web/dist`, which changes only when the build is complete.
 * @throws BootstrapError
 */
export async function buildWeb(root, say) {
  say('Building the web application.');
  removeDrafts(root);
  const { scripts } = readJsonOrNull(join(root, 'web/package.json'));
  const draft = join(root, '.cache', `web-new-${process.pid}`);
  const sources = hashSources(root);
  const command = `${scripts.build} --outDir '../.cache/${basename(draft)}' --emptyOutDir`;
  const { code, output } = await run('/bin/sh', ['-c', command], {
    cwd: join(root, 'web'),
    env: { ...environment(root, { ownPrograms: true }), NODE_ENV: 'production' },
  });
  if (code !== 0 || !existsSync(join(draft, 'index.html'))) {
    throw new BootstrapError(`The web application could not be built:\n${lastLines(output, 25)}`);
  }
  giveToOwner(root, draft);
  swapIn(root, draft);
  writeFileSync(stampFile(root), JSON.stringify({ ...currentStamp(root), sources }));
  giveToOwner(root, stampFile(root));
}

function stampFile(root) {
  return join(root, '.cache/web-stamp.json');
}

function pageFile(root) {
  return join(root, 'web/dist/index.html');
}

/** The page names every other file by its hash, so that its own tells a build made by somebody else. */
function currentStamp(root) {
  return { sources: hashSources(root), page: hashFiles(root, [pageFile(root)]) };
}

function isSame(one, other) {
  return one.sources === other.sources && one.page === other.page;
}

function hashSources(root) {
  const sources = filesBelow(join(root, 'web'), (name) => !NOT_A_SOURCE.test(name));
  return hashFiles(root, [...sources, join(root, 'package-lock.json')]);
}

function swapIn(root, draft) {
  const dist = join(root, 'web/dist');
  const old = join(root, '.cache', `web-old-${process.pid}`);
  mkdirSync(dist, { recursive: true });
  renameSync(dist, old);
  renameSync(draft, dist);
  rmSync(old, { recursive: true, force: true });
}

function removeDrafts(root) {
  for (const name of readdirSync(join(root, '.cache'))) {
    if (!/^web-(new|old)-\d+$/.test(name)) continue;
    rmSync(join(root, '.cache', name), { recursive: true, force: true });
  }
}
