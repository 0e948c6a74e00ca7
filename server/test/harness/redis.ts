import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis } from '../../../scripts/tests/system-programs.ts';
import { freePort } from './postgres-server.ts';
import { until } from './until.ts';

const PROGRAM = findRedis();

/** Whether Redis is installed here. */
export const isRedisPresent = PROGRAM !== null;

/** A Redis of its own on a TCP port of this machine, which keeps nothing when it ends. */
export interface RedisServer {
  url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Makes it keep its connections and answer nothing, or go on. */
  freeze(isFrozen: boolean): void;
  /** Ends it and takes its files away. */
  remove(): Promise<void>;
}

/** Starts a Redis. */
export async function startRedis(): Promise<RedisServer> {
  if (PROGRAM === null) throw new Error('Redis is not installed');
  const directory = mkdtempSync(join(tmpdir(), 'docket-redis-'));
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
  let child: ChildProcess | null = null;
  const start = async () => {
    child = spawn(PROGRAM, [...settings, '--dir', directory], { stdio: 'ignore' });
    await until(() => isListening(port));
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  // A test that fails before it could clean up must not leave a server behind.
  const endWithTests = () => void child?.kill('SIGKILL');
  process.once('exit', endWithTests);
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    freeze: (isFrozen) => void child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    async remove() {
      await kill();
      process.off('exit', endWithTests);
      rmSync(directory, { recursive: true });
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
}
