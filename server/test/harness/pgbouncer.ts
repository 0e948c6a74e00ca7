import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { connectClient } from '../../src/platform/postgres/client.ts';
import { freePort, giveTo } from './postgres-server.ts';
import { databaseAccount } from './system-account.ts';

const PROGRAM = '/usr/sbin/pgbouncer';

/** Whether PgBouncer is installed here. */
export const isPgbouncerPresent = existsSync(PROGRAM);

/** A PgBouncer in front of a server. */
export interface Pgbouncer {
  target: ClientConfig;
  stop(): Promise<void>;
}

/** Starts PgBouncer in transaction mode before `server`, with few connections, so that clients share them. */
export async function startPgbouncer(server: ClientConfig, poolSize: number): Promise<Pgbouncer> {
  const directory = mkdtempSync(join(tmpdir(), 'docket-pgbouncer-'));
  const account = databaseAccount();
  const port = await freePort();
  const { host, port: serverPort, user, password, database } = server;
  const users = join(directory, 'users.txt');
  const config = join(directory, 'pgbouncer.ini');
  writeFileSync(users, `"${user}" "${password}"\n`);
  writeFileSync(
    config,
    `[databases]
${database} = host=${host} port=${serverPort} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${poolSize}
`,
  );
  giveTo(account, directory, users, config);
  const child = spawn(PROGRAM, ['-q', config], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: directory,
    stdio: 'ignore',
  });
  const target = { host: '127.0.0.1', port, user, password, database } as ClientConfig;
  await untilReady(target, child);
  return {
    target,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true });
    },
  };
}

async function untilReady(target: ClientConfig, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with code ${child.exitCode}`);
    const client = await connectClient(target).catch(() => null);
    if (client) return client.end();
    await delay(50);
  }
  throw new Error('PgBouncer does not get ready');
}
