import { queryOptions } from '@tanstack/react-query';
import { journeyUrl, noteJourney } from '../api/provider-journey.ts';
import { fetchProviders } from '../api/providers.ts';
import { queryClient } from '../api/query-client.ts';

/** With whom one can sign in here. Who waits for it waits with a limit: sign-in by password needs it not. */
export const providersQuery = queryOptions({
  queryKey: ['sign-in-providers'],
  queryFn: ({ signal }) => fetchProviders(signal),
  networkMode: 'always',
});

/** A form that people begin to type in is not to move afterwards: so long it waits to know what stands above it. */
const PATIENCE_MS = 1_000;

/** Whether the list of providers is there, which is waited for, but not for long. */
export async function waitForProviders(): Promise<boolean> {
  const isKnown = () => queryClient.getQueryData(providersQuery.queryKey) !== undefined;
  if (isKnown()) return true;
  await Promise.race([
    queryClient.prefetchQuery(providersQuery),
    new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
  ]);
  return isKnown();
}

/** Leaves for a provider and never returns, if it is known and can be reached; else does nothing. */
export async function goOnToProvider(name: string, returnTo: string): Promise<void> {
  const providers = queryClient.getQueryData(providersQuery.queryKey);
  if (!providers?.some((provider) => provider.name === name && provider.is_available)) return;
  const journey = { returnTo, isRemembered: false, isFresh: false };
  noteJourney(journey);
  location.replace(journeyUrl(name, journey));
  await new Promise(() => undefined);
}
