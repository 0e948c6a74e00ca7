import { anonymousApi, api, bodyOf } from './client.ts';
import type { ConnectedAccount, SignInProvider } from './schema.ts';

export type { ConnectedAccount, SignInProvider };

/** With whom one can sign in on this server, in the order of their buttons. */
export async function fetchProviders(signal: AbortSignal): Promise<SignInProvider[]> {
  const { items } = await bodyOf(anonymousApi.GET('/api/v1/auth/providers', { signal }));
  return items;
}

/** The identities with which the person can sign in. */
export async function fetchConnectedAccounts(signal: AbortSignal): Promise<ConnectedAccount[]> {
  const { items } = await bodyOf(api.GET('/api/v1/users/me/providers', { signal }));
  return items;
}

/**
 * Begins to connect an identity; the answer is the provider's page, where it goes on.
 * @throws ApiError `fresh_sign_in.required`, `provider.unavailable`, `provider.not_found`
 */
export async function beginConnecting(provider: string, password?: string): Promise<string> {
  const params = { path: { provider } };
  const body = password === undefined ? {} : { password };
  const answer = await bodyOf(
    api.POST('/api/v1/users/me/providers/{provider}/link', { params, body }),
  );
  return answer.authorization_url;
}

/**
 * Takes an identity away from the account.
 * @throws ApiError `fresh_sign_in.required`, `provider.last_sign_in_method`, `identity.not_found`
 */
export async function disconnectAccount(id: string, password?: string): Promise<void> {
  const body = password === undefined ? {} : { password };
  await bodyOf(api.DELETE('/api/v1/users/me/providers/{id}', { params: { path: { id } }, body }));
}
