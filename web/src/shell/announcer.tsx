import { useSyncExternalStore } from 'react';

let text = '';
let turn = 0;
const listeners = new Set<() => void>();

/** Has a screen reader say `message` when it is done with what it is saying. */
export function announce(message: string): void {
  text = message;
  turn += 1;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The invisible place from which announcements are read; there is one on the page. */
export function Announcer() {
  const currentTurn = useSyncExternalStore(subscribe, () => turn);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {/* The key makes the same sentence twice in a row two changes. */}
      <span key={currentTurn}>{text}</span>
    </div>
  );
}
