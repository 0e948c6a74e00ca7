import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import { Discovery } from './discovery.ts';
import type { Claims, OpenIdProvider } from './provider.ts';
import { toIdentity } from './provider-answer.ts';
import { Unreachable } from './provider-failure.ts';
import { requireSafeUrl } from './provider-fetch.ts';
import {
  type AuthorizationOptions,
  authorizationParameters,
  CLOCK_TOLERANCE_SECONDS,
  callbackAt,
  type FlowSecrets,
  insecureWhereAsked,
  type ProtocolParts,
  type SignInProtocol,
} from './sign-in-protocol.ts';

type Grant = Awaited<ReturnType<typeof authorizationCodeGrant>>;

/** OpenID Connect: who somebody is stands in a signed token. */
export class OpenIdSignIn implements SignInProtocol {
  readonly #provider: OpenIdProvider;
  readonly #parts: ProtocolParts;
  readonly #discovery: Discovery;
  /** In which of two places the provider wants the secret; null: what it publishes decides. */
  #isSecretInHeader: boolean | null = null;

  constructor(provider: OpenIdProvider, parts: ProtocolParts) {
    this.#provider = provider;
    this.#parts = parts;
    const { onChange, now } = parts;
    this.#discovery = new Discovery({ discover: () => this.#discover(), onChange, now });
  }

  isAvailable(): Promise<boolean> {
    return this.#discovery.isAvailable();
  }

  noteFailure(error: unknown): void {
    this.#discovery.noteFailure(error);
  }

  async authorizationUrl(secrets: FlowSecrets, options: AuthorizationOptions): Promise<URL> {
    const configuration = await this.#configuration();
    const { redirectUri } = this.#parts;
    return buildAuthorizationUrl(configuration, {
      ...(await authorizationParameters(this.#provider, redirectUri, secrets, options)),
      nonce: secrets.nonce,
    });
  }

  async identify(callback: URL, secrets: FlowSecrets): Promise<ProviderIdentity> {
    const configuration = await this.#configuration();
    const grant = await this.#redeem(configuration, callback, secrets);
    const claims = (grant.claims() ?? {}) as Claims;
    const all = await this.#withUserinfo(configuration, grant, claims);
    return toIdentity(this.#provider.name, claims.iss, this.#provider.read(all));
  }

  async #configuration(): Promise<Configuration> {
    try {
      return await this.#discovery.get();
    } catch {
      throw new Unreachable('discovery');
    }
  }

  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#provider;
    const configuration = await discovery(
      new URL(issuer),
      clientId,
      {
        [clockTolerance]: CLOCK_TOLERANCE_SECONDS,
        ...(clientSecret !== null && { client_secret: clientSecret }),
      },
      clientSecret === null ? None() : this.#authentication(),
      {
        // Without it the library trusts TLS and does not look at the signature of an ID token.
        execute: [...insecureWhereAsked(issuer), enableNonRepudiationChecks],
        [customFetch]: (url, options) => this.#parts.fetch(url, options as RequestInit),
      },
    );
    // What cannot be used is as good as nothing, and better known now than at the first sign-in.
    requireSafeUrl(buildAuthorizationUrl(configuration, {}).href);
    return configuration;
  }

  #authentication(): ClientAuth {
    const [inHeader, inBody] = [ClientSecretBasic(), ClientSecretPost()];
    return (server, client, body, headers) => {
      this.#isSecretInHeader ??=
        !server.token_endpoint_auth_methods_supported?.includes('client_secret_post');
      (this.#isSecretInHeader ? inHeader : inBody)(server, client, body, headers);
    };
  }

  /** Providers list the places for a secret that they know, but may want one of them for this client. */
  async #redeem(
    configuration: Configuration,
    callback: URL,
    { state, nonce, codeVerifier }: FlowSecrets,
  ): Promise<Grant> {
    const redeem = () =>
      authorizationCodeGrant(configuration, callbackAt(this.#parts.redirectUri, callback), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
    try {
      return await redeem();
    } catch (error) {
      if (this.#isSecretInHeader === null || !isClientRefused(error)) throw error;
      this.#isSecretInHeader = !this.#isSecretInHeader;
      return redeem();
    }
  }

  /** What a token without an address lacks; whether an address is proven is never taken from elsewhere. */
  async #withUserinfo(
    configuration: Configuration,
    { access_token }: Grant,
    claims: Claims,
  ): Promise<Claims> {
    const { iss, sub, name, picture, email } = claims;
    const hasEndpoint = configuration.serverMetadata().userinfo_endpoint !== undefined;
    if (!this.#provider.hasUserinfo || typeof email === 'string' || !hasEndpoint) return claims;
    const told = await fetchUserInfo(configuration, access_token, sub as string);
    return { name, picture, ...told, iss, sub };
  }
}

function isClientRefused(error: unknown): boolean {
  if (error instanceof WWWAuthenticateChallengeError) return error.status === 401;
  return error instanceof ResponseBodyError && error.error === 'invalid_client';
}
