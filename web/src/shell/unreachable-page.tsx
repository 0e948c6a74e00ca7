import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { startSession } from '../api/session.ts';
import { BlankState } from '../ui/blank-state.tsx';
import { Button } from '../ui/button.tsx';
import { useIsOnline } from './connection-notice.tsx';
import { messages } from './messages.ts';

const RETRY_MS = 4_000;

/** Shown when the server does not answer at the start; after each failure (`error`) it tries again by itself. */
export function UnreachablePage({ error }: { error: unknown }) {
  const isOnline = useIsOnline();
  useEffect(() => {
    if (!isOnline || !error) return;
    const timer = setTimeout(() => void startSession(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [isOnline, error]);
  const { connection, page } = messages;
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center">
      <BlankState
        as="h1"
        icon={<CloudOff />}
        title={connection.unreachableTitle}
        text={isOnline ? connection.unreachableText : connection.offlineText}
      >
        <Button look="primary" onClick={() => void startSession()}>
          {page.tryAgain}
        </Button>
      </BlankState>
    </main>
  );
}
