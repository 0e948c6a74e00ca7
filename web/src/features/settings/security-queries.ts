import { queryOptions, useQuery } from '@tanstack/react-query';
import { fetchOwnAccount } from '../../api/accounts.ts';
import { fetchMerges } from '../../api/merges.ts';
import { type ConnectedAccount, fetchConnectedAccounts } from '../../api/providers.ts';
import type { SignInProvider } from '../../api/schema.ts';
import { messages } from '../../shell/messages.ts';
import { providersQuery } from '../../shell/sign-in-providers.ts';

export const connectedQuery = queryOptions({
  queryKey: ['connected-accounts'],
  queryFn: ({ signal }) => fetchConnectedAccounts(signal),
});

export const ownAccountQuery = queryOptions({
  queryKey: ['own-account'],
  queryFn: ({ signal }) => fetchOwnAccount(signal),
});

export const mergesQuery = queryOptions({
  queryKey: ['merges'],
  queryFn: ({ signal }) => fetchMerges(signal),
});

/** How a provider is called in sentences. */
export function useProviderLabel(name: string | undefined): string {
  const { data: providers } = useQuery(providersQuery);
  const known = providers?.find((provider) => provider.name === name);
  return known?.label ?? messages.providers.nameless;
}

/** The ways to show once more who it is. */
export interface WaysToProve {
  hasPassword: boolean;
  /** Connected ones, at which one can sign in again. */
  providers: SignInProvider[];
}

export function useWaysToProve(): WaysToProve {
  const { data: accounts = [] } = useQuery(connectedQuery);
  const { data: providers = [] } = useQuery(providersQuery);
  const { data: own } = useQuery(ownAccountQuery);
  return {
    // Most accounts have one; where it cannot be asked, the server still decides.
    hasPassword: own?.has_password ?? true,
    providers: providers.filter(({ name }) => accounts.some(({ provider }) => provider === name)),
  };
}

/** Whether nothing else leads into the account, not even a password. */
export function isOnlyWay({ can_unlink }: ConnectedAccount): boolean {
  return !can_unlink;
}
