import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { findPostgres } from '../../../scripts/tests/system-programs.ts';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { databaseAccount, type SystemAccount } from './system-account.ts';

export const SUPERUSER = 'admin';
export const PASSWORD = 'a password for tests';

/** The directory of the programs of an installed PostgreSQL; undefined: there is none. */
export function findInstalledPostgres(): string | undefined {
  const server = findPostgres();
  return server === null ? undefined : dirname(realpathSync(server));
}

/** A server of its own on a TCP port of this machine, with passwords. */
export interface PostgresServer {
  directory: string;
  port: number;
  superuser: ClientConfig;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and takes its files away. */
  remove(): Promise<void>;
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Makes and starts a cluster from the programs in `binDir`, with settings on top of its defaults. */
export async function createPostgresServer(
  binDir: string,
  settings: Record<string, string> = {},
): Promise<PostgresServer> {
  const account = databaseAccount();
  const directory = mkdtempSync(join(tmpdir(), 'docket-pg-'));
  giveTo(account, directory);
  const options = { ...(account && { uid: account.uid, gid: account.gid }), cwd: directory };
  const port = await freePort();
  const data = initialise(binDir, directory, options);
  const lines = { listen_addresses: '127.0.0.1', port, unix_socket_directories: directory };
  const text = Object.entries({ ...lines, ...settings }).map(
    ([name, value]) => `${name} = '${value}'\n`,
  );
  appendFileSync(join(data, 'postgresql.conf'), text.join(''));

  const superuser = {
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: PASSWORD,
    database: 'postgres',
  };
  let child: ChildProcess | null = null;
  const start = async () => {
    child = spawn(join(binDir, 'postgres'), ['-D', data], { ...options, stdio: 'ignore' });
    await untilReady(superuser, child);
  };
  const stop = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    await exited;
  };
  await start();
  const remove = async () => {
    await stop();
    rmSync(directory, { recursive: true });
  };
  return { directory, port, superuser, start, stop, remove };
}

function initialise(
  binDir: string,
  directory: string,
  options: { uid?: number; gid?: number; cwd: string },
): string {
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
  const arguments_ = [
    ...['-D', data, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C', '--no-sync'],
  ];
  execFileSync(join(binDir, 'initdb'), arguments_, { ...options, stdio: 'pipe' });
  return data;
}

/** Gives files to the account that servers run as, and closes them to others, as keys must be. */
export function giveTo(account: SystemAccount | null, ...paths: string[]): void {
  for (const path of paths) {
    if (account) chownSync(path, account.uid, account.gid);
    chmodSync(path, 0o700);
  }
}

async function untilReady(target: ClientConfig, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with code ${child.exitCode}`);
    const client = await connectClient(target).catch(() => null);
    if (client) return client.end();
    await delay(50);
  }
  throw new Error('PostgreSQL does not get ready');
}
