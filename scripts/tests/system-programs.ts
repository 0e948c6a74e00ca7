import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from '../run-program.ts';

/** What the tests can do without, by the word that `--without` takes. */
export type Leavable = 'browser' | 'postgresql' | 'pgbouncer' | 'redis' | 'nginx';

interface SystemProgram {
  name: Leavable;
  /** What it is, as the beginning of a sentence. */
  title: string;
  /** The package of Debian and Ubuntu that brings it. */
  aptPackage: string;
  find(): string | null;
}

const OLDEST_POSTGRESQL = 15;
const DEBIAN_POSTGRESQL_DIR = '/usr/lib/postgresql';
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

const PROGRAMS: SystemProgram[] = [
  {
    name: 'browser',
    title: 'Chromium or Chrome, in which the page is tested,',
    aptPackage: 'chromium',
    find: findChromium,
  },
  {
    name: 'postgresql',
    title: `A PostgreSQL server, version ${OLDEST_POSTGRESQL} or later, tested beside the embedded one,`,
    aptPackage: 'postgresql',
    find: findPostgres,
  },
  {
    name: 'pgbouncer',
    title: 'PgBouncer, a connection pooler that Docket is tested behind,',
    aptPackage: 'pgbouncer',
    find: () => findOnPath('pgbouncer'),
  },
  {
    name: 'redis',
    title: 'Redis, which Docket is tested with, without and through the loss of,',
    aptPackage: 'redis-server',
    find: findRedis,
  },
  {
    name: 'nginx',
    title: 'nginx, a proxy that Docket is tested behind,',
    aptPackage: 'nginx-light',
    find: () => findOnPath('nginx'),
  },
];

export const LEAVABLE = PROGRAMS.map(({ name }) => name);

/** The browser that tests run in; null: there is none. */
export function findChromium(): string | null {
  const found = CHROMIUM_NAMES.map(findOnPath).find((path) => path !== null);
  return found ?? (existsSync(MAC_CHROME) ? MAC_CHROME : null);
}

/** The Redis server that tests start; null: there is none. */
export function findRedis(): string | null {
  return findOnPath('redis-server');
}

/**
 * Sees to it that every program is there that is not left out: as root on Debian and Ubuntu by
 * installing it. Answers a sentence for each one that is still missing.
 */
export async function provideSystemPrograms(without: readonly string[]): Promise<string[]> {
  const wanted = PROGRAMS.filter(({ name }) => !without.includes(name));
  const missing = wanted.filter((program) => program.find() === null);
  if (missing.length > 0 && mayInstall()) await install(missing);
  return missing.filter((program) => program.find() === null).map(sentenceFor);
}

function sentenceFor({ name, title, aptPackage }: SystemProgram): string {
  return `${title} is missing: install it (Debian, Ubuntu: apt-get install ${aptPackage}), or leave those tests out with npm test -- --without ${name}`;
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && findOnPath('apt-get') !== null;
}

async function install(missing: SystemProgram[]): Promise<void> {
  const packages = missing.map(({ aptPackage }) => aptPackage);
  console.log(`Installing ${packages.join(', ')} for the tests.`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-y', '--no-install-recommends'];
  const update = await runProgram('apt-get', ['-qq', 'update'], { env });
  if (update.code !== 0) console.error(update.output);
  // Packages apart: one that a distribution lacks must not keep the others away.
  for (const name of packages) {
    const outcome = await runProgram('apt-get', ['install', ...quiet, name], { env });
    if (outcome.code !== 0) console.error(outcome.output);
  }
}

/** The server of the oldest installed PostgreSQL that will do; null: there is none. */
export function findPostgres(): string | null {
  const versions = existsSync(DEBIAN_POSTGRESQL_DIR) ? readdirSync(DEBIAN_POSTGRESQL_DIR) : [];
  const installed = versions
    .filter((version) => Number(version) >= OLDEST_POSTGRESQL)
    .sort((a, b) => Number(a) - Number(b))
    .map((version) => join(DEBIAN_POSTGRESQL_DIR, version, 'bin/postgres'))
    .find(isProgram);
  return installed ?? findOnPath('postgres');
}

function findOnPath(name: string): string | null {
  // Debian keeps servers in directories that ordinary users do not search.
  const directories = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
  ];
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
