import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { router } from './routes.tsx';
import { handleShortcut } from './shell/shortcuts.ts';
import { StartingPage } from './shell/starting-page.tsx';
import { UnreachablePage } from './shell/unreachable-page.tsx';
import { useSession } from './shell/use-session.ts';

/** The pages, once it is known who is there; whenever that changes, the routes decide anew. */
export function Application() {
  const session = useSession();
  const userId = session.kind === 'signed-in' ? session.user.id : session.kind;

  useEffect(() => {
    if (userId !== 'starting' && userId !== 'unreachable') void router.invalidate();
  }, [userId]);

  useEffect(() => {
    document.addEventListener('keydown', handleShortcut);
    return () => document.removeEventListener('keydown', handleShortcut);
  }, []);

  if (session.kind === 'starting') return <StartingPage />;
  if (session.kind === 'unreachable') return <UnreachablePage error={session.error} />;
  return <RouterProvider router={router} />;
}
