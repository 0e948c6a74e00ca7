import { sendSignal } from './processes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes the cluster end with this process, also when it exits or is interrupted without having stopped it.
 * A signal that somebody else listens to is theirs: the server stops everything in order.
 * @param stop shuts the cluster down
 * @returns the way to lift the guard
 */
export function endWithProcess(postmasterPid: () => number, stop: () => Promise<void>): () => void {
  const onExit = () => sendSignal(postmasterPid(), 'SIGINT');
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    const repeat = () => {
      lift();
      process.kill(process.pid, signal);
    };
    stop().then(repeat, repeat);
  };
  const lift = () => {
    process.off('exit', onExit);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', onExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return lift;
}
