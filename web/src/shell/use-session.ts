import { useSyncExternalStore } from 'react';
import type { User } from '../api/schema.ts';
import { getSession, type Session, subscribeSession } from '../api/session.ts';

/** The present session. */
export function useSession(): Session {
  return useSyncExternalStore(subscribeSession, getSession);
}

/** The signed-in person; `undefined` in the moment between the end of a session and the sign-in page. */
export function useUser(): User | undefined {
  const session = useSession();
  return session.kind === 'signed-in' ? session.user : undefined;
}
