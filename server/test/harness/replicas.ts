import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { DOCKET, databaseUrl } from './docket.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { freePort } from './postgres-server.ts';
import { until } from './until.ts';

const START_TIMEOUT_MS = 30_000;

/** Several `serve` processes on one database behind nginx, as an operator would run them. */
export interface Replicas {
  database: TestDatabase;
  /** Where nginx listens, which spreads requests over all of them. */
  url: string;
  /** Each server itself. */
  urls: string[];
  stop(): Promise<void>;
}

/** Starts `count` replicas with settings on top of what they need to run. */
export async function startReplicas(
  count: number,
  settings: Record<string, string>,
): Promise<Replicas> {
  const database = await createTestDatabase();
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const children = ports.map((port) => startServer(port, database, settings));
  let nginx: Nginx | null = null;
  const stop = async () => {
    await nginx?.stop();
    await Promise.all(children.map(end));
    await database.drop();
  };
  try {
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    await Promise.all(urls.map((url, i) => untilReady(url, children[i] as ChildProcess)));
    nginx = await startNginx(ports);
    return { database, url: nginx.url, urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One `serve` process on a database of its own, reached where `PUBLIC_URL` says. */
export interface Served {
  database: TestDatabase;
  url: string;
  stop(): Promise<void>;
}

/** Starts one server with settings on top of what it needs to run. */
export async function startServed(settings: Record<string, string>): Promise<Served> {
  const database = await createTestDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startServer(port, database, { PUBLIC_URL: url, ...settings });
  const stop = async () => {
    await end(child);
    await database.drop();
  };
  try {
    await untilReady(url, child);
    return { database, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startServer(
  port: number,
  database: TestDatabase,
  settings: Record<string, string>,
): ChildProcess {
  return spawn(process.execPath, [DOCKET, 'serve'], {
    env: {
      PATH: '/usr/bin:/bin',
      PORT: String(port),
      PUBLIC_URL: 'http://localhost:3000',
      DATABASE_URL: databaseUrl(database.serving),
      DATABASE_MIGRATION_URL: databaseUrl(database.owner),
      SECRET_KEY: 'a secret key for replicas, long enough',
      TRUSTED_PROXIES: '127.0.0.1',
      LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`a server ended with code ${child.exitCode}`);
    return (await fetch(`${url}/ready`).catch(() => null))?.ok ?? false;
  }, START_TIMEOUT_MS);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
