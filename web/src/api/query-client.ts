import { QueryClient } from '@tanstack/react-query';
import { retryDelayMs, shouldRetry } from './problem.ts';
import { getSession, subscribeSession } from './session.ts';

/** How long an answer counts as fresh; changes of other tabs arrive at once all the same. */
const FRESH_MS = 30_000;

/** What the server has told this tab; emptied whenever another person is signed in, or nobody. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: shouldRetry, retryDelay: retryDelayMs, staleTime: FRESH_MS },
    mutations: { retry: shouldRetry, retryDelay: retryDelayMs },
  },
});

let owner: string | undefined;

subscribeSession(() => {
  const session = getSession();
  const next = session.kind === 'signed-in' ? session.user.id : undefined;
  if (owner !== undefined && owner !== next) queryClient.clear();
  owner = next ?? owner;
});
