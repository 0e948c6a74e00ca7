import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { freePort } from './postgres-server.ts';
import { until } from './until.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
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

function startServer(
  port: number,
  database: TestDatabase,
  settings: Record<string, string>,
): ChildProcess {
  return spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      PATH: '/usr/bin:/bin',
      PORT: String(port),
      PUBLIC_URL: 'http://localhost:3000',
      DATABASE_URL: urlOf(database.serving),
      DATABASE_MIGRATION_URL: urlOf(database.owner),
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

function urlOf({ host, port, user, password, database }: ClientConfig): string {
  const secret = typeof password === 'string' ? `:${encodeURIComponent(password)}` : '';
  return `postgresql://${user}${secret}@${encodeURIComponent(String(host))}:${port}/${database}`;
}
