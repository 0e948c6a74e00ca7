import {
  allowInsecureRequests,
  type Configuration,
  calculatePKCECodeChallenge,
} from 'openid-client';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Provider } from './provider.ts';
import type { Fetch } from './provider-fetch.ts';

/** Clocks may differ by so much. */
export const CLOCK_TOLERANCE_SECONDS = 10;

/** What only the browser and the server know about one sign-in. */
export interface FlowSecrets {
  state: string;
  nonce: string;
  codeVerifier: string;
}

export interface AuthorizationOptions {
  /** Whether the provider is to ask anew who somebody is. */
  isFresh: boolean;
}

/** How one provider is talked to. Whatever goes wrong is thrown, and told apart by `failureOf`. */
export interface SignInProtocol {
  isAvailable(): Promise<boolean>;
  authorizationUrl(secrets: FlowSecrets, options: AuthorizationOptions): Promise<URL>;
  identify(callback: URL, secrets: FlowSecrets): Promise<ProviderIdentity>;
  /** Told what failed with the provider away. */
  noteFailure(error: unknown): void;
}

/** What a protocol works with. */
export interface ProtocolParts {
  /** Where the provider leads back to. */
  redirectUri: string;
  /** With limits to what is believed. */
  fetch: Fetch;
  onChange(isUp: boolean, error?: unknown): void;
  now(): number;
}

/** The parameters that every request to sign in has. */
export async function authorizationParameters(
  provider: Provider,
  redirectUri: string,
  { state, codeVerifier }: FlowSecrets,
  { isFresh }: AuthorizationOptions,
): Promise<Record<string, string>> {
  return {
    redirect_uri: redirectUri,
    scope: provider.scopes,
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(isFresh && provider.freshParameters),
  };
}

/** The parameters that came back, at the address that was asked for, whatever the browser called. */
export function callbackAt(redirectUri: string, callback: URL): URL {
  const url = new URL(redirectUri);
  url.search = callback.search;
  return url;
}

/** Plain http, for a provider that has no other address: settings allow that on this machine alone. */
export function insecureWhereAsked(issuer: string): ((configuration: Configuration) => void)[] {
  return issuer.startsWith('http:') ? [allowInsecureRequests] : [];
}
