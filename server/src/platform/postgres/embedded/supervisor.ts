import { setTimeout as sleep } from 'node:timers/promises';
import type { Postmaster } from './postmaster.ts';
import { endClusterProcesses } from './processes.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
const STABLE_MS = 60_000;

export type EmbeddedPostgresLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** Keeps a cluster running until it is stopped. */
export interface Supervisor {
  postmasterPid(): number;
  /** Resolves when no process of the cluster is left; may be called more than once. */
  stop(): Promise<void>;
}

/**
 * Watches over `first` and runs `start` again, with growing delays, whenever the postmaster dies unasked.
 * A `first` that never gets ready is left to the caller, who awaits it.
 */
export function supervise(
  clusterDir: string,
  first: Postmaster,
  start: () => Promise<Postmaster>,
  log: EmbeddedPostgresLog,
): Supervisor {
  let current = first;
  let stopping: Promise<void> | null = null;
  const stopRequest = new AbortController();

  async function watch(): Promise<void> {
    const isReady = await first.ready.then(
      () => true,
      () => false,
    );
    if (!isReady) return;
    let delayMs = FIRST_DELAY_MS;
    while (!stopRequest.signal.aborted) {
      const startedAt = performance.now();
      const reason = await current.exited;
      if (stopRequest.signal.aborted) return;
      log('error', 'PostgreSQL ended unexpectedly, starting it again', { reason, delayMs });
      if (performance.now() - startedAt > STABLE_MS) delayMs = FIRST_DELAY_MS;
      await restart(() => {
        const thisTimeMs = delayMs;
        delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
        return thisTimeMs;
      });
    }
  }

  async function restart(nextDelayMs: () => number): Promise<void> {
    while (!stopRequest.signal.aborted) {
      await sleep(nextDelayMs(), undefined, { signal: stopRequest.signal }).catch(() => {});
      if (stopRequest.signal.aborted) return;
      try {
        await endClusterProcesses(clusterDir, null);
        current = await start();
        if (stopRequest.signal.aborted) return;
        await current.ready;
        log('warn', 'PostgreSQL is running again', { postmasterPid: current.pid });
        return;
      } catch (error) {
        if (stopRequest.signal.aborted) return;
        log('error', 'PostgreSQL could not be started again', { err: error });
      }
    }
  }

  const watching = watch();

  async function stopAll(): Promise<void> {
    stopRequest.abort();
    // The postmaster doesn't keep this process alive, whose last task this may be.
    const stayAlive = setInterval(() => {}, 1_000);
    try {
      // A start that is just happening hands its process over before the loop ends.
      await endClusterProcesses(clusterDir, current.pid);
      await watching;
      await endClusterProcesses(clusterDir, current.pid);
    } finally {
      clearInterval(stayAlive);
    }
  }

  return {
    postmasterPid: () => current.pid,
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
