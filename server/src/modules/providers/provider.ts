import type { ProviderName } from '../../config/providers.ts';

/** What a provider says about somebody; nothing of it has been checked. */
export interface Told {
  subject: unknown;
  email: unknown;
  /** Whether it vouches, by its own rules, that the address is theirs. */
  isEmailProven: boolean;
  name: unknown;
  picture: unknown;
}

/** Claims of an ID token whose signature, issuer, audience, life and nonce are right. */
export type Claims = Readonly<Record<string, unknown>> & { readonly iss: string };

interface Client {
  name: ProviderName;
  /** What stands on its button after "Continue with". */
  label: string;
  /** null: the page has a mark of its own for it. */
  iconUrl: string | null;
  clientId: string;
  /** null: a public client. */
  clientSecret: string | null;
  scopes: string;
  /** Added to the request where the provider is to ask anew who somebody is. */
  freshParameters: Record<string, string>;
}

/** A provider that describes itself and tells who somebody is in an ID token. */
export interface OpenIdProvider extends Client {
  kind: 'openid';
  issuer: string;
  /** Whether claims that the ID token lacks are looked up where the provider offers that. */
  hasUserinfo: boolean;
  /** @throws BadAnswer */
  read(claims: Claims): Told;
}

/** A provider without ID tokens: an access token opens an API that tells who somebody is. */
export interface OAuthProvider extends Client {
  kind: 'oauth';
  /** What identities of it are kept under. */
  issuer: string;
  /** What it calls itself in `iss` when it leads back. */
  responseIssuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  /** @throws BadAnswer */
  read(api: ProviderApi): Promise<Told>;
}

export interface ProviderApi {
  /**
   * The JSON at an address; `undefined`: not allowed to see it, or not there.
   * @throws Unreachable, BadAnswer
   */
  get(url: string): Promise<unknown>;
}

export type Provider = OpenIdProvider | OAuthProvider;
