import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClusterProcess,
  directoryOf,
  isRunning,
  query,
  runClusterProcess,
  TEST_USERS,
} from '../../../../test/fixtures/embedded-postgres-runner.ts';
import { findClusterProcesses } from './processes.ts';

const TIMEOUT_MS = 30_000;

describe.each(TEST_USERS)('the embedded PostgreSQL, started by $name', (user) => {
  const started: ClusterProcess[] = [];
  const directories: string[] = [];

  const pristine = directoryOf(user);

  function newDataDir(): string {
    const parent = directoryOf(user);
    directories.push(parent);
    return join(parent, 'data');
  }

  /** A data directory with a database in it, as after a clean stop. */
  function usedDataDir(): string {
    const dataDir = newDataDir();
    execFileSync('cp', ['-a', join(pristine, 'data'), dataDir]);
    return dataDir;
  }

  beforeAll(async () => {
    const cluster = runClusterProcess(join(pristine, 'data'), user);
    await cluster.ready();
    await cluster.stop();
  }, TIMEOUT_MS);

  afterAll(() => rmSync(pristine, { recursive: true }));

  function run(dataDir: string, role = 'server'): ClusterProcess {
    const cluster = runClusterProcess(dataDir, user, { role });
    started.push(cluster);
    return cluster;
  }

  afterEach(async () => {
    for (const cluster of started.splice(0)) {
      if (cluster.child.exitCode === null && cluster.child.signalCode === null)
        await cluster.stop();
    }
    for (const parent of directories.splice(0)) {
      expect(await findClusterProcesses(join(parent, 'data/postgres'))).toEqual([]);
      rmSync(parent, { recursive: true });
    }
  });

  it(
    'makes an empty directory a durable, private database, also where the path leads through a private directory',
    async () => {
      const dataDir = newDataDir();
      const cluster = run(dataDir);
      const { owner, serving } = await cluster.ready();
      const [settings] = await query(
        owner,
        `select current_setting('fsync') || current_setting('full_page_writes') || current_setting('synchronous_commit') as durable,
        current_setting('data_checksums') as checksums, current_setting('listen_addresses') as addresses,
        current_setting('timezone') as timezone, datlocale, pg_encoding_to_char(encoding) as encoding
       from pg_database where datname = current_database()`,
      );
      expect(settings).toEqual({
        durable: 'ononon',
        checksums: 'on',
        addresses: '',
        timezone: 'UTC',
        datlocale: 'C.UTF-8',
        encoding: 'UTF8',
      });
      await query(owner, 'create extension pg_trgm');
      await query(owner, 'create extension btree_gin');
      await expect(query(serving, 'create table public.x (id int)')).rejects.toThrow(
        'permission denied',
      );
      const hba = readFileSync(join(dataDir, 'postgres/pg_hba.conf'), 'utf8');
      expect(hba).toBe('local all all peer map=docket\n');
      expect(await cluster.stop()).toBe(0);
      expect(() => readdirSync(owner.host)).toThrow('ENOENT');
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a second server and names the process that holds the data',
    async () => {
      const dataDir = usedDataDir();
      const first = run(dataDir);
      await first.ready();
      const second = run(dataDir);
      const { failed, isForOperator } = await second.line((line) => line.failed);
      expect(failed).toContain(`The data directory ${dataDir} is in use by process ${first.pid}`);
      expect(isForOperator).toBe(true);
      expect(await second.exit).toBe(1);
      await query((await first.ready()).owner, 'select 1');
    },
    TIMEOUT_MS,
  );

  it(
    'lets a command join a running server and leaves the cluster running afterwards',
    async () => {
      const dataDir = newDataDir();
      const server = run(dataDir);
      await expect.poll(() => draftsIn(dataDir), { interval: 5, timeout: 5000 }).toHaveLength(1);
      const command = run(dataDir, 'command');
      const { owner, postmasterPid } = await command.ready();
      expect(postmasterPid).toBe((await server.ready()).postmasterPid);
      await command.stop();
      await query(owner, 'select 1');
    },
    TIMEOUT_MS,
  );

  it(
    'lets a command start the cluster, and end it only when a second command is done with it',
    async () => {
      const dataDir = usedDataDir();
      const first = run(dataDir, 'command');
      const { postmasterPid } = await first.ready();
      const second = run(dataDir, 'command');
      const { owner } = await second.ready();
      first.child.kill('SIGUSR2');
      await sleep(300);
      await query(owner, 'select 1');
      await second.stop();
      expect(await first.exit).toBe(0);
      expect(isRunning(postmasterPid)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    "leaves an ordinary user's data usable for that user after a start by root",
    async () => {
      const dataDir = usedDataDir();
      for (const name of ['postgres.lock', 'postgres-holder.json', 'postgres-start.log']) {
        rmSync(join(dataDir, name));
      }
      const byTheTest = runClusterProcess(dataDir, TEST_USERS[0] ?? user);
      started.push(byTheTest);
      await byTheTest.ready();
      expect(await byTheTest.stop()).toBe(0);
      await query((await run(dataDir).ready()).owner, 'select 1');
    },
    TIMEOUT_MS,
  );

  it(
    'lets a server wait for a command that has the data',
    async () => {
      const dataDir = usedDataDir();
      const command = run(dataDir, 'command');
      await command.ready();
      const server = run(dataDir);
      await sleep(600);
      expect(server.lines).toEqual([]);
      await command.stop();
      await query((await server.ready()).owner, 'select 1');
    },
    TIMEOUT_MS,
  );

  it(
    'starts a killed postmaster again at the same place, with everything that was committed',
    async () => {
      const cluster = run(usedDataDir());
      const { owner, postmasterPid } = await cluster.ready();
      await query(owner, 'create table kept (id int); insert into kept values (7)');
      process.kill(postmasterPid, 'SIGKILL');
      const { log } = await cluster.line((line) => line.log?.message.includes('running again'));
      expect(log?.postmasterPid).not.toBe(postmasterPid);
      expect(await query(owner, 'select id from kept')).toEqual([{ id: 7 }]);
      process.kill(log?.postmasterPid as number, 'SIGKILL');
      await expect
        .poll(() => query(owner, 'select id from kept').catch(String), { timeout: 5000 })
        .toEqual([{ id: 7 }]);
      expect(await cluster.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'recovers from a killed server, whose postmaster lives on',
    async () => {
      const dataDir = usedDataDir();
      const first = run(dataDir);
      const { owner, postmasterPid } = await first.ready();
      await query(owner, 'create table kept (id int); insert into kept values (7)');
      await first.killHard();
      expect(isRunning(postmasterPid)).toBe(true);
      const second = run(dataDir);
      const ready = await second.ready();
      expect(isRunning(postmasterPid)).toBe(false);
      expect(await query(ready.owner, 'select id from kept')).toEqual([{ id: 7 }]);
      expect(() => readdirSync(owner.host)).toThrow('ENOENT');
    },
    TIMEOUT_MS,
  );

  it(
    'recovers when server and postmaster are killed and a busy backend holds on to the data',
    async () => {
      const dataDir = usedDataDir();
      const first = run(dataDir);
      const { owner, postmasterPid } = await first.ready();
      await query(owner, 'create table kept (id int); insert into kept values (7)');
      const busy = new pg.Client(owner);
      busy.on('error', () => {});
      await busy.connect();
      const [{ pid }] = (await busy.query('select pg_backend_pid() as pid')).rows;
      const endless = busy.query('do $$ begin loop perform 1; end loop; end $$').catch(String);
      await first.killHard();
      process.kill(postmasterPid, 'SIGKILL');
      await sleep(200);
      expect(isRunning(pid)).toBe(true);
      const second = run(dataDir);
      const ready = await second.ready();
      expect(isRunning(pid)).toBe(false);
      expect(await query(ready.owner, 'select id from kept')).toEqual([{ id: 7 }]);
      await endless;
    },
    TIMEOUT_MS,
  );

  it(
    'gives the data of a killed server to exactly one of three servers started at once',
    async () => {
      const dataDir = usedDataDir();
      const first = run(dataDir);
      await first.ready();
      await first.killHard();
      const rivals = [run(dataDir), run(dataDir), run(dataDir)];
      const outcomes = await Promise.all(
        rivals.map((rival) => rival.line((line) => line.ready ?? line.failed)),
      );
      const winner = rivals[outcomes.findIndex((line) => line.ready)];
      const refusals = outcomes.flatMap((line) => line.failed ?? []);
      expect(refusals).toHaveLength(2);
      for (const refusal of refusals) expect(refusal).toContain(`process ${winner?.pid}`);
    },
    TIMEOUT_MS,
  );

  it(
    'begins again when the creation of the database was killed half way',
    async () => {
      const dataDir = newDataDir();
      const first = run(dataDir);
      await expect.poll(() => draftsIn(dataDir), { interval: 5, timeout: 5000 }).toHaveLength(1);
      await sleep(150);
      await first.killHard();
      expect(draftsIn(dataDir)).toHaveLength(1);
      const second = run(dataDir);
      await query((await second.ready()).owner, 'select 1');
      expect(draftsIn(dataDir)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'starts although an old postmaster.pid names a living process of the same account',
    async () => {
      const dataDir = usedDataDir();
      const { uid, gid } = statSync(join(dataDir, 'postgres'));
      const other = spawn('sleep', ['60'], { uid, gid });
      writeFileSync(join(dataDir, 'postgres/postmaster.pid'), `${other.pid}\n${dataDir}\n`);
      await query((await run(dataDir).ready()).owner, 'select 1');
      expect(other.exitCode ?? other.signalCode).toBeNull();
      other.kill();
    },
    TIMEOUT_MS,
  );

  it(
    'leaves the cluster running when Ctrl+C reaches a server that has things to finish',
    async () => {
      const cluster = runClusterProcess(usedDataDir(), user, { manner: 'patient' });
      started.push(cluster);
      const { owner } = await cluster.ready();
      process.kill(-cluster.pid, 'SIGINT');
      await cluster.line((line) => line.interrupted);
      await sleep(200);
      await query(owner, 'select 1');
      expect(cluster.lines.filter((line) => line.log)).toEqual([]);
      expect(await cluster.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'ends the cluster when a process that never stopped it is interrupted',
    async () => {
      const cluster = run(usedDataDir());
      const { postmasterPid } = await cluster.ready();
      cluster.child.kill('SIGINT');
      expect(await cluster.exit).toBe('SIGINT');
      expect(isRunning(postmasterPid)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    'stops in order in a process that nothing else keeps alive',
    async () => {
      const dataDir = usedDataDir();
      const cluster = runClusterProcess(dataDir, user, { manner: 'brief' });
      const { owner } = await cluster.ready();
      expect(await cluster.exit).toBe(0);
      expect(() => readdirSync(owner.host)).toThrow('ENOENT');
      expect(await findClusterProcesses(join(dataDir, 'postgres'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a database of another major version in one sentence',
    async () => {
      const dataDir = usedDataDir();
      const first = run(dataDir);
      await first.ready();
      await first.stop();
      writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '17\n');
      const { failed, isForOperator } = await run(dataDir).line((line) => line.failed);
      expect(failed).toContain('was written by PostgreSQL 17');
      expect(isForOperator).toBe(true);
    },
    TIMEOUT_MS,
  );
});

function draftsIn(dataDir: string): string[] {
  try {
    return readdirSync(dataDir).filter((name) => name.startsWith('postgres.init-'));
  } catch {
    return [];
  }
}
