import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './error.mjs';
import { hashFiles, readJsonOrNull } from './hash.mjs';
import { giveToOwner } from './ownership.mjs';
import { environment, lastLines, run } from './run.mjs';

const NETWORK_ERRORS =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/;

const NPM_OPTIONS = [
  '--include=dev',
  '--ignore-scripts=false',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // Without a network npm would otherwise try for more than a minute before it says so.
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/** True when the packages of the current lockfile were installed completely, for this kind of machine. */
export function isInstalled(root) {
  const stamp = readJsonOrNull(stampFile(root));
  return stamp !== null && stamp.key === installKey(root) && existsSync(runtimeOf(root));
}

/**
 * Installs the packages of the lockfile and the runtime among them.
 * @throws BootstrapError
 */
export async function install(root, say) {
  say('Installing packages; the first time this takes about a minute.');
  // npm removes node_modules first: the Node that runs it must not be the one in there.
  const env = environment(root, { ownPrograms: false });
  const { code, output } = await run('npm', ['ci', ...NPM_OPTIONS], { cwd: root, env });
  if (code !== 0) throw installError(root, code, output);
  await assertRuntime(root, output);
  writeFileSync(stampFile(root), JSON.stringify({ key: installKey(root) }));
  giveToOwner(root, join(root, 'node_modules'));
}

function stampFile(root) {
  return join(root, 'node_modules/.docket-stamp');
}

function runtimeOf(root) {
  return join(root, 'node_modules/.bin/node');
}

function installKey(root) {
  const lockfile = hashFiles(root, [join(root, 'package-lock.json')]);
  return `${lockfile}-${process.platform}-${process.arch}`;
}

function installError(root, code, output) {
  if (code === null) {
    return new BootstrapError(
      'npm is needed to install the packages and was not found: install it beside Node.',
    );
  }
  if (NETWORK_ERRORS.test(output)) {
    return new BootstrapError(
      `The packages are not installed yet and npm's registry can't be reached: connect this machine to the network, or point npm to a registry that it can reach, and start again.\n${lastLines(output, 3)}`,
    );
  }
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) {
    return new BootstrapError(
      `npm may not write where it has to: start as the owner of ${root}, or make a clone of your own.\n${lastLines(output, 5)}`,
    );
  }
  if (/\bEUSAGE\b/.test(output)) {
    return new BootstrapError(
      "package-lock.json doesn't fit the package.json files: run npm install, which brings it up to date, and start again.",
    );
  }
  return new BootstrapError(`npm could not install the packages:\n${lastLines(output, 15)}`);
}

/** The package `node` brings its program by an install step, which a setting of npm can have left out. */
async function assertRuntime(root, npmOutput) {
  const lock = readJsonOrNull(join(root, 'package-lock.json'));
  const wanted = `v${findVersion(lock)}`;
  const { code, output } = await run(runtimeOf(root), ['--version'], { cwd: root });
  if (code === 0 && output.trim() === wanted) return;
  const found = code === 0 ? `is ${output.trim()}` : `can't be run (${lastLines(output, 1)})`;
  throw new BootstrapError(
    `Docket runs on Node ${wanted}, which its packages bring, but node_modules/.bin/node ${found}: see that npm may run install steps and that this is a glibc Linux or macOS, then start again.\n${lastLines(npmOutput, 5)}`.trim(),
  );
}

function findVersion(lock) {
  const entry = lock.packages['node_modules/node'];
  return entry.link ? lock.packages[entry.resolved].version : entry.version;
}
