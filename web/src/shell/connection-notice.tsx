import { onlineManager } from '@tanstack/react-query';
import { CloudOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { messages } from './messages.ts';

/** Whether the browser has a network. */
export function useIsOnline(): boolean {
  return useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
}

/** Says so while the browser is offline, floating so that nothing on the page moves. */
export function ConnectionNotice() {
  const isOnline = useIsOnline();
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 top-16 z-30 flex justify-center px-4"
    >
      {!isOnline && (
        <p className="pointer-events-auto flex max-w-lg animate-appear items-center gap-2.5 rounded-xl bg-note px-4 py-2.5 text-meta text-on-note shadow-float">
          <CloudOff aria-hidden="true" className="size-4 shrink-0" />
          <span>
            <strong className="font-semibold">{messages.connection.offline}</strong>{' '}
            {messages.connection.offlineHint}
          </span>
        </p>
      )}
    </div>
  );
}
