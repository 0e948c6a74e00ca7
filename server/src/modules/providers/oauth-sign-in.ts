import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  customFetch,
  None,
} from 'openid-client';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { OAuthProvider, ProviderApi } from './provider.ts';
import { toIdentity } from './provider-answer.ts';
import { BadAnswer, Unreachable } from './provider-failure.ts';
import {
  type AuthorizationOptions,
  authorizationParameters,
  callbackAt,
  type FlowSecrets,
  insecureWhereAsked,
  type ProtocolParts,
  type SignInProtocol,
} from './sign-in-protocol.ts';

/** After a failure the provider counts as away for so long. */
const FAILURE_PAUSE_MS = 30_000;

/** OAuth 2 without OpenID: an API tells who holds the access token, which is forgotten then. */
export class OAuthSignIn implements SignInProtocol {
  readonly #provider: OAuthProvider;
  readonly #parts: ProtocolParts;
  readonly #configuration: Configuration;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(provider: OAuthProvider, parts: ProtocolParts) {
    this.#provider = provider;
    this.#parts = parts;
    this.#configuration = configurationOf(provider, parts);
  }

  async isAvailable(): Promise<boolean> {
    return this.#parts.now() >= this.#failedAtMs + FAILURE_PAUSE_MS;
  }

  noteFailure(): void {
    this.#failedAtMs = this.#parts.now();
  }

  async authorizationUrl(secrets: FlowSecrets, options: AuthorizationOptions): Promise<URL> {
    const { redirectUri } = this.#parts;
    return buildAuthorizationUrl(
      this.#configuration,
      await authorizationParameters(this.#provider, redirectUri, secrets, options),
    );
  }

  async identify(callback: URL, { state, codeVerifier }: FlowSecrets): Promise<ProviderIdentity> {
    const { access_token } = await authorizationCodeGrant(
      this.#configuration,
      callbackAt(this.#parts.redirectUri, callback),
      { expectedState: state, pkceCodeVerifier: codeVerifier },
    );
    const told = await this.#provider.read(this.#apiWith(access_token));
    return toIdentity(this.#provider.name, this.#provider.issuer, told);
  }

  #apiWith(accessToken: string): ProviderApi {
    return {
      get: async (url) => {
        const response = await this.#parts.fetch(url, {
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${accessToken}`,
            'user-agent': 'docket',
          },
        });
        const { status, headers } = response;
        if (status === 403 && headers.get('x-ratelimit-remaining') === '0') {
          throw new Unreachable('rate_limited');
        }
        if (status === 403 || status === 404) return undefined;
        if (status !== 200) throw new BadAnswer(`status_${status}`);
        return response.json().catch(() => {
          throw new BadAnswer('not_json');
        });
      },
    };
  }
}

function configurationOf(provider: OAuthProvider, { fetch }: ProtocolParts): Configuration {
  const { responseIssuer, authorizationEndpoint, tokenEndpoint, clientId, clientSecret } = provider;
  const configuration = new Configuration(
    {
      issuer: responseIssuer,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
    },
    clientId,
    undefined,
    clientSecret === null ? None() : ClientSecretPost(clientSecret),
  );
  configuration[customFetch] = (url, options) => fetch(url, options as RequestInit);
  for (const extend of insecureWhereAsked(responseIssuer)) extend(configuration);
  return configuration;
}
