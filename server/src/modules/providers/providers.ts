import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { ProviderName, ProviderSettings } from '../../config/providers.ts';
import { AppError } from '../../errors.ts';
import type { Counts } from '../../platform/counts.ts';
import type { Log } from '../../platform/log.ts';
import { github } from './github.ts';
import { google } from './google.ts';
import { microsoft } from './microsoft.ts';
import { OAuthSignIn } from './oauth-sign-in.ts';
import { oidc } from './oidc.ts';
import { OpenIdSignIn } from './openid-sign-in.ts';
import type { Provider } from './provider.ts';
import { failureOf, isHearsay, otherIssuerOf } from './provider-failure.ts';
import { type Fetch, limitedFetch } from './provider-fetch.ts';
import type { AuthorizationOptions, FlowSecrets, SignInProtocol } from './sign-in-protocol.ts';

export type { Fetch } from './provider-fetch.ts';
export type { FlowSecrets } from './sign-in-protocol.ts';

/** A provider as the page shows it. */
export interface ListedProvider {
  name: ProviderName;
  label: string;
  icon_url: string | null;
  is_available: boolean;
}

interface Parts {
  /** Origin under which people reach the server, to which providers lead back. */
  publicUrl: string;
  log: Log;
  /** What came of sign-ins at providers. */
  answers: Counts;
  fetch?: Fetch;
  now?: () => number;
}

interface Entry {
  provider: Provider;
  protocol: SignInProtocol;
}

/** With whom people can sign in besides a password, as the settings say. */
export class Providers {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #log: Log;
  readonly #answers: Counts;

  constructor(settings: ProviderSettings[], parts: Parts) {
    this.#entries = new Map(settings.map((one) => [one.name, entryOf(one, parts)]));
    this.#log = parts.log;
    this.#answers = parts.answers;
  }

  /** All of them and whether they answer, without ever waiting long for that. */
  list(): Promise<ListedProvider[]> {
    return Promise.all(
      [...this.#entries.values()].map(async ({ provider, protocol }) => ({
        name: provider.name,
        label: provider.label,
        icon_url: provider.iconUrl,
        is_available: await protocol.isAvailable(),
      })),
    );
  }

  /** Whether people can sign in with it on this server. */
  has(name: string): name is ProviderName {
    return this.#entries.has(name);
  }

  /**
   * Where a browser goes to sign in with a provider.
   * @throws provider.not_found, provider.unavailable
   */
  async authorizationUrl(
    name: ProviderName,
    secrets: FlowSecrets,
    options: AuthorizationOptions,
  ): Promise<URL> {
    const { protocol } = this.#entryOf(name);
    try {
      return await protocol.authorizationUrl(secrets, options);
    } catch (error) {
      // Why has been told when the provider went away.
      this.#log.info({ provider: name, reason: failureOf(error).reason }, 'a sign-in cannot begin');
      throw new AppError('provider.unavailable');
    }
  }

  /**
   * Who a provider says somebody is, who has come back from it. What it handed out is forgotten.
   * @throws provider.not_found, provider.cancelled, provider.unavailable, provider.answer_invalid
   */
  async identify(
    name: ProviderName,
    callback: URL,
    secrets: FlowSecrets,
  ): Promise<ProviderIdentity> {
    const { protocol } = this.#entryOf(name);
    try {
      const identity = await protocol.identify(callback, secrets);
      this.#count(name, 'success');
      return identity;
    } catch (error) {
      const { code, reason } = failureOf(error);
      if (code === 'provider.unavailable' && !isHearsay(error)) protocol.noteFailure(error);
      this.#count(name, code.replace('provider.', ''));
      const level = code === 'provider.cancelled' ? 'info' : 'warn';
      this.#log[level]({ provider: name, code, reason }, 'a sign-in failed at the provider');
      // Without its cause, which may hold what the provider sent.
      throw new AppError(code);
    }
  }

  #count(provider: string, outcome: string): void {
    this.#answers.of({ provider, outcome }).value++;
  }

  #entryOf(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw new AppError('provider.not_found');
    return entry;
  }
}

function entryOf(settings: ProviderSettings, parts: Parts): Entry {
  const { publicUrl, log, fetch = globalThis.fetch, now = () => performance.now() } = parts;
  const provider = providerOf(settings);
  const { name } = provider;
  const protocolParts = {
    redirectUri: `${publicUrl}/api/v1/auth/${name}/callback`,
    fetch: limitedFetch(fetch),
    now,
    onChange(isUp: boolean, error?: unknown) {
      if (isUp) log.info({ provider: name }, 'the sign-in provider answers');
      else log.warn(outageOf(provider, error), 'the sign-in provider cannot be used');
    },
  };
  return {
    provider,
    protocol:
      provider.kind === 'openid'
        ? new OpenIdSignIn(provider, protocolParts)
        : new OAuthSignIn(provider, protocolParts),
  };
}

/** What an operator needs to see what is wrong: the provider's side, or the settings. */
function outageOf({ name, issuer }: Provider, error: unknown): Record<string, unknown> {
  const otherIssuer = otherIssuerOf(error);
  return {
    provider: name,
    issuer,
    reason: failureOf(error).reason,
    ...(otherIssuer !== undefined && { calls_itself: otherIssuer }),
  };
}

/** A new provider: its settings, its file, and its line here. */
function providerOf(settings: ProviderSettings): Provider {
  switch (settings.name) {
    case 'google':
      return google(settings);
    case 'github':
      return github(settings);
    case 'microsoft':
      return microsoft(settings);
    case 'oidc':
      return oidc(settings);
  }
}
