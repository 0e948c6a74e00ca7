import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findClusterProcesses } from '../../src/platform/postgres/embedded/processes.ts';
import { isRunning } from '../fixtures/embedded-postgres-runner.ts';
import { ACCOUNT, type Client, request, signUp } from './client.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { freePort, type ServerProcess, startServer, untilHealthy } from './server-process.ts';
import { startWriters } from './writers.ts';

const ROUNDS = Number(process.env.DOCKET_CRASH_ROUNDS ?? 4);
const SEED = Number(process.env.DOCKET_CRASH_SEED ?? Date.now() % 1_000_000);
const ROUND_TIMEOUT_MS = 60_000;
const WRITERS = 6;
/** `again`: both are killed, and the next start is killed too, somewhere on its way up. */
const KINDS = ['server', 'postmaster', 'both', 'again'] as const;

let dataDir: string;
let port: number;
let server: ServerProcess;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'docket-crash-'));
  port = await freePort();
  server = startServer(dataDir, port);
  await untilHealthy(server);
});

afterEach(async () => {
  server.signal('SIGTERM');
  await server.exit;
  expect(await findClusterProcesses(join(dataDir, 'postgres'))).toEqual([]);
  rmSync(dataDir, { recursive: true });
});

describe('a crash', () => {
  it(
    `loses no acknowledged write and leaves none half done, ${ROUNDS} times, seed ${SEED}`,
    async () => {
      const random = randomFrom(SEED);
      const client = await signUp(server.url);
      const ledger = createLedger();
      for (let round = 0; round < ROUNDS; round += 1) {
        const kind = KINDS[round % KINDS.length] ?? 'both';
        const before = ledger.acknowledgedCount();
        const writers = startWriters(WRITERS, round, random, client, ledger);
        await sleep(300 + random() * 1_000);
        await crash(kind, random);
        const recoveryMs = await untilHealthy(server);
        await sleep(random() * 300);
        expect(await writers.stop()).toEqual([]);
        expect(await faultsOf(client, ledger)).toEqual([]);
        const writes = ledger.acknowledgedCount() - before;
        expect(writes).toBeGreaterThan(WRITERS);
        console.log(
          `round ${round} (${kind}): ${writes} writes, ready again after ${recoveryMs} ms`,
        );
      }
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );
});

describe('SIGTERM under load', () => {
  it(
    'answers what is under way, ends server and database within ten seconds with exit code 0, and keeps every write',
    async () => {
      const client = await signUp(server.url);
      const ledger = createLedger();
      const writers = startWriters(WRITERS, 0, randomFrom(SEED), client, ledger);
      await sleep(500);
      const postmasterPid = server.postmasterPid();
      // Checking a password takes so long that these are under way when the signal comes.
      const underWay = [1, 2, 3].map(() => request(server.url, 'POST', '/api/v1/login', ACCOUNT));
      await sleep(100);
      const stoppedAt = performance.now();
      server.signal('SIGTERM');
      expect(await server.exit).toBe(0);
      const stopMs = Math.round(performance.now() - stoppedAt);
      console.log(`stopped within ${stopMs} ms`);
      expect(stopMs).toBeLessThan(10_000);
      expect(isRunning(postmasterPid)).toBe(false);
      expect((await Promise.all(underWay)).map((answer) => answer?.status)).toEqual([
        200, 200, 200,
      ]);
      expect(await writers.stop()).toEqual([]);
      server = startServer(dataDir, port);
      await untilHealthy(server);
      expect(await faultsOf(client, ledger)).toEqual([]);
      expect(ledger.acknowledgedCount()).toBeGreaterThan(WRITERS);
    },
    ROUND_TIMEOUT_MS,
  );
});

/** Kills, and starts what was killed by the same command, except a postmaster, which its server starts again. */
async function crash(kind: (typeof KINDS)[number], random: () => number): Promise<void> {
  if (kind === 'postmaster') {
    const { pid } = server;
    await server.kill('postmaster');
    await sleep(20);
    expect(isRunning(pid)).toBe(true);
    return;
  }
  await server.kill(kind === 'server' ? 'server' : 'both');
  server = startServer(dataDir, port);
  if (kind !== 'again') return;
  await sleep(random() * 1_500);
  await server.kill('server');
  server = startServer(dataDir, port);
}

/** What differs between the ledger and the server's lists, and between those and its counts. */
async function faultsOf(client: Client, ledger: Ledger): Promise<string[]> {
  const tasks = await client.allTasks();
  const counts = { pending: 0, in_progress: 0, completed: 0, trashed: 0 };
  for (const task of tasks.values()) counts[task.isDeleted ? 'trashed' : task.status] += 1;
  expect((await client.send('GET', '/api/v1/tasks/counts'))?.body).toEqual(counts);
  return ledger.reconcile(tasks);
}

/** The mulberry32 generator: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
