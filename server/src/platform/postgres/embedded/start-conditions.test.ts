import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  runClusterProcess,
  TEST_USERS,
} from '../../../../test/fixtures/embedded-postgres-runner.ts';
import { resolveDataDir } from './data-dir.ts';
import { pruneLogs } from './log-files.ts';
import { pidsFromLsof } from './processes.ts';
import { createSocketDir, removeSocketDir } from './socket-dir.ts';

const ORDINARY_USER = TEST_USERS.at(-1) ?? { name: 'self', ids: null };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'docket-start-'));
  chmodSync(directory, 0o755);
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the conditions of a start', () => {
  it('refuses a data directory that it may not write, naming it and the user', async () => {
    const dataDir = join(directory, 'closed');
    mkdirSync(dataDir, { mode: 0o555 });
    for (const path of [dataDir, join(dataDir, 'below')]) {
      const { failed, isForOperator } = await runClusterProcess(path, ORDINARY_USER).line(
        (l) => l.failed,
      );
      expect(failed).toMatch(
        new RegExp(
          `The data directory ${path} can't be written \\(EACCES\\): make it writable for the user \\w+, or`,
        ),
      );
      expect(isForOperator).toBe(true);
    }
  });

  it('refuses a data directory that is a file', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const { failed } = await runClusterProcess(file, ORDINARY_USER).line((l) => l.failed);
    expect(failed).toContain(`The data directory ${file} can't be written (EEXIST)`);
  });

  it('starts with a TMPDIR too long for a socket, and cleans up there', async () => {
    const long = join(directory, 'x'.repeat(100));
    mkdirSync(long);
    chmodSync(long, 0o777);
    const dataDir = join(long, 'data');
    const cluster = runClusterProcess(dataDir, ORDINARY_USER, { env: { TMPDIR: long } });
    const { owner } = await cluster.ready();
    expect(Buffer.byteLength(`${owner.host}/.s.PGSQL.5432`)).toBeLessThan(104);
    expect(await cluster.stop()).toBe(0);
  }, 30_000);

  it('keeps the socket in a directory that only its owner may enter, and removes nothing but its own', () => {
    const socketDir = createSocketDir({ runAs: null, connectingUser: 'anna' });
    expect(statSync(socketDir).mode & 0o777).toBe(0o700);
    writeFileSync(join(socketDir, 'strange'), '');
    removeSocketDir(socketDir);
    expect(readdirSync(socketDir)).toEqual(['strange']);
    rmSync(join(socketDir, 'strange'));
    removeSocketDir(socketDir);
    expect(() => statSync(socketDir)).toThrow('ENOENT');
    const foreign = join(directory, 'foreign');
    mkdirSync(foreign);
    removeSocketDir(foreign);
    expect(statSync(foreign).isDirectory()).toBe(true);
  });

  it('keeps only the newest log files', () => {
    mkdirSync(join(directory, 'log'));
    const names = Array.from({ length: 20 }, (_, day) => `postgresql-202601${10 + day}T000000.log`);
    for (const name of [...names, 'notes.txt']) writeFileSync(join(directory, 'log', name), '');
    pruneLogs(directory);
    expect(readdirSync(join(directory, 'log')).sort()).toEqual(['notes.txt', ...names.slice(6)]);
  });

  it('takes the configured directory, else one that fits the user', () => {
    expect(resolveDataDir('/srv/docket')).toBe('/srv/docket');
    const expected =
      process.getuid?.() === 0
        ? '/var/lib/docket'
        : join(import.meta.dirname, '../../../../../data');
    expect(resolveDataDir()).toBe(expected);
    expect(resolveDataDir('')).toBe(expected);
  });

  it('reads the processes of a cluster from lsof, where there is no /proc', () => {
    const output =
      'p10\nfcwd\nn/data/postgres\np11\nfcwd\nn/other/postgres\np12\nfcwd\nn/data/postgres\n';
    expect(pidsFromLsof(output, '/data/postgres')).toEqual([10, 12]);
  });
});
