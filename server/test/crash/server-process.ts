import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../fixtures/embedded-postgres-runner.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const START_TIMEOUT_MS = 60_000;

/** The product as a person runs it: one command, in a process of its own, on its own data. */
export interface ServerProcess {
  readonly url: string;
  pid: number;
  postmasterPid(): number;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | string>;
  hasEnded(): boolean;
  /** Sends SIGKILL to the given processes in one go and waits until they are gone. */
  kill(victims: 'server' | 'postmaster' | 'both'): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Starts the server on `dataDir` and returns at once; `untilHealthy` waits for it. */
export function startServer(dataDir: string, port: number): ServerProcess {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      PATH: '/usr/bin:/bin',
      DATA_DIR: dataDir,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      RATE_LIMIT_DEFAULT: 'off',
      RATE_LIMIT_AUTH: 'off',
      RATE_LIMIT_USER: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collectOutput(child);
  const exit = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? 'unknown'));
  });
  const pid = child.pid as number;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const postmasterPid = () => readPostmasterPid(dataDir);
  child.once('exit', (code, signal) => {
    if (code !== 0 && signal !== 'SIGKILL') {
      console.error(`the server ended with ${code ?? signal}:\n${output()}`);
    }
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid,
    postmasterPid,
    exit,
    hasEnded,
    signal: (name) => child.kill(name),
    async kill(victims) {
      const pids = { server: [pid], postmaster: [postmasterPid()], both: [pid, postmasterPid()] };
      for (const victim of pids[victims]) process.kill(victim, 'SIGKILL');
      while (pids[victims].some(isRunning)) await sleep(2);
    },
  };
}

function collectOutput(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output = (output + chunk).slice(-4_000);
    });
  }
  return () => output;
}

function readPostmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Waits until the server and its database answer; returns how many milliseconds that took. */
export async function untilHealthy(server: ServerProcess): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const response = await fetch(`${server.url}/ready`).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return Math.round(performance.now() - startedAt);
    if (server.hasEnded()) throw new Error('the server ended while starting');
    if (performance.now() - startedAt > START_TIMEOUT_MS)
      throw new Error('the server never got ready');
    await sleep(20);
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
