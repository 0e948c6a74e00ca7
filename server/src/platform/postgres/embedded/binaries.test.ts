import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  copiedBinaries,
  findPackagedBinaries,
  type PackagedBinaries,
  usableBinDir,
} from './binaries.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'docket-binaries-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function smallPackage(): PackagedBinaries {
  const nativeDir = join(directory, 'native');
  for (const name of ['bin', 'lib', 'share/deep/down'])
    mkdirSync(join(nativeDir, name), { recursive: true });
  writeFileSync(join(nativeDir, 'bin/postgres'), 'program');
  writeFileSync(join(nativeDir, 'lib/libx.so.1.2'), 'library');
  writeFileSync(join(nativeDir, 'lib/libx.a'), 'static');
  writeFileSync(join(nativeDir, 'share/deep/down/file'), 'data');
  chmodSync(join(nativeDir, 'share/deep/down/file'), 0o600);
  const links = [{ source: 'lib/libx.so.1.2', target: 'lib/libx.so.1' }];
  return { nativeDir, label: 'postgresql-1', links };
}

describe('binaries of the embedded PostgreSQL', () => {
  it('points to DATABASE_URL on a platform without a package', () => {
    expect(() => findPackagedBinaries('sunos', 'sparc')).toThrow(
      'There is no embedded PostgreSQL for sunos on sparc: set DATABASE_URL to a PostgreSQL server.',
    );
  });

  it('runs from a complete copy with every link where the install step was skipped', () => {
    const packaged = smallPackage();
    const bin = usableBinDir(packaged, { runAs: null, connectingUser: 'anna' }, directory);
    expect(bin).toBe(join(directory, 'binaries/postgresql-1/bin'));
    expect(readlinkSync(join(bin, '../lib/libx.so.1'))).toBe('libx.so.1.2');
    expect(readdirSync(join(bin, '../lib'))).not.toContain('libx.a');
  });

  it('makes copies that every account can read, whatever the umask', () => {
    const previous = process.umask(0o077);
    try {
      const copy = copiedBinaries(smallPackage(), join(directory, 'cache'));
      for (const path of ['', 'bin', 'share/deep', 'bin/postgres', '..']) {
        expect(statSync(join(copy, path)).mode & 0o777, path).toBe(0o755);
      }
      expect(statSync(join(copy, 'share/deep/down/file')).mode & 0o777).toBe(0o644);
    } finally {
      process.umask(previous);
    }
  });

  it('copies once, and again when a power cut left an empty file', () => {
    const packaged = smallPackage();
    const cache = join(directory, 'cache');
    const copy = copiedBinaries(packaged, cache);
    const { ino } = statSync(copy);
    copiedBinaries(packaged, cache);
    expect(statSync(copy).ino).toBe(ino);
    truncateSync(join(copy, 'bin/postgres'));
    copiedBinaries(packaged, cache);
    expect(statSync(join(copy, 'bin/postgres')).size).toBe(7);
    expect(readdirSync(cache)).toEqual(['postgresql-1']);
  });

  it('has a real copy that runs without the package', () => {
    const copy = copiedBinaries(findPackagedBinaries(), join(directory, 'cache'));
    expect(execFileSync(join(copy, 'bin/postgres'), ['--version'], { encoding: 'utf8' })).toContain(
      '18.',
    );
  });
});
