const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes the cluster end with this process, also when it exits or is interrupted without having stopped it.
 * A signal that somebody else listens to is theirs: the server stops everything in order.
 * @param leave what can be done at the very end, without waiting
 * @param stop shuts the cluster down
 * @returns the way to lift the guard
 */
export function endWithProcess(leave: () => void, stop: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    const repeat = () => {
      lift();
      process.kill(process.pid, signal);
    };
    stop().then(repeat, repeat);
  };
  const lift = () => {
    process.off('exit', leave);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', leave);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return lift;
}
