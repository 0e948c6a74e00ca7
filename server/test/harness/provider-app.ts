import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import type { ProviderName } from '../../src/config/providers.ts';
import { startTestApp, TEST_ORIGIN, type TestApp } from './app.ts';
import { type GithubServer, startGithubServer } from './github-server.ts';
import {
  ISSUER_CLIENT_ID,
  ISSUER_CLIENT_SECRET,
  type IssuerBehaviour,
  type IssuerServer,
  startIssuerServer,
} from './issuer-server.ts';
import { type OidcServer, type Person, startOidcServer } from './oidc-server.ts';
import { signInAt } from './provider-browser.ts';
import { providerFetch } from './provider-fetch.ts';

/** A tenant of Microsoft's in which somebody made an account. */
export const TENANT = '11111111-2222-3333-4444-555555555555';
const MICROSOFT = 'https://login.microsoftonline.com';
const HOST = { host: new URL(TEST_ORIGIN).host };

/** All four providers, as servers on this machine. */
export interface ProviderServers {
  /** A certified provider; everybody gets in there as whoever they say they are. */
  oidc: OidcServer;
  /** Does whatever a test wants, under Google's name. */
  google: IssuerServer;
  microsoft: IssuerServer;
  github: GithubServer;
  /** Settings that enable all of them. */
  settings: Record<string, string>;
  fetch: typeof fetch;
  close(): Promise<void>;
}

/** Starts all four. */
export async function startProviderServers(): Promise<ProviderServers> {
  const [oidc, google, microsoft, github] = await Promise.all([
    startOidcServer({ publicUrl: TEST_ORIGIN }),
    startIssuerServer('https://accounts.google.com'),
    startIssuerServer(`${MICROSOFT}/common/v2.0`),
    startGithubServer(),
  ]);
  beMicrosoft(microsoft);
  const servers = [oidc, google, microsoft, github];
  return {
    oidc,
    google,
    microsoft,
    github,
    settings: {
      ...oidc.settings,
      ...github.settings,
      GOOGLE_CLIENT_ID: ISSUER_CLIENT_ID,
      GOOGLE_CLIENT_SECRET: ISSUER_CLIENT_SECRET,
      MICROSOFT_CLIENT_ID: ISSUER_CLIENT_ID,
      MICROSOFT_CLIENT_SECRET: ISSUER_CLIENT_SECRET,
    },
    fetch: providerFetch({
      'https://accounts.google.com': google.url,
      [MICROSOFT]: microsoft.url,
      ...github.targets,
    }),
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

/** What Microsoft says for all tenants, with claims of the person on top. */
export function beMicrosoft(microsoft: IssuerServer, behaviour: IssuerBehaviour = {}): void {
  microsoft.behave({
    ...behaviour,
    alterMetadata(metadata) {
      metadata.issuer = `${MICROSOFT}/{tenantid}/v2.0`;
    },
    claims: { iss: `${MICROSOFT}/${TENANT}/v2.0`, tid: TENANT, ...behaviour.claims },
  });
}

export interface ProviderApp extends TestApp {
  servers: ProviderServers;
}

/** A server at which people can sign in with every provider, for all tests of a file. */
export function useProviderApp(settings: Record<string, string> = {}): ProviderApp {
  const holder = {} as ProviderApp;
  beforeAll(async () => {
    const servers = await startProviderServers();
    const app = await startTestApp(
      { ...servers.settings, ...settings },
      { providerFetch: servers.fetch },
    );
    Object.assign(holder, app, { servers });
    // Everything that they publish is known from here on.
    await app.ctx.providers.list();
  });
  afterAll(async () => {
    await holder.close?.();
    await holder.servers?.close();
  });
  return holder;
}

/** A browser as far as our server sees one. */
export class AppBrowser {
  readonly cookies: Record<string, string> = {};
  readonly #t: Pick<TestApp, 'call'>;
  readonly #fetchPage: typeof fetch;

  /** `fetchPage` leads to providers that only pretend to be where they are. */
  constructor(t: Pick<TestApp, 'call'>, fetchPage: typeof fetch = fetchPageOf(t)) {
    this.#t = t;
    this.#fetchPage = fetchPage;
  }

  /** Calls our server with the cookies that it has set, and keeps what it sets. */
  async go(
    method: string,
    path: string,
    call: Parameters<TestApp['call']>[2] = {},
  ): Promise<LightMyRequestResponse> {
    const headers = { ...HOST, ...call.headers };
    const answer = await this.#t.call(method, path, { ...call, headers, cookies: this.cookies });
    for (const { name, value } of answer.cookies) this.cookies[name] = value;
    return answer;
  }

  /** Clicks on the button of a provider; answers where that leads. */
  async begin(provider: ProviderName = 'oidc', query = ''): Promise<URL> {
    const answer = await this.go('GET', `/api/v1/auth/${provider}${query}`);
    return new URL(String(answer.headers.location), TEST_ORIGIN);
  }

  /** Does at the provider what it takes, and answers where it sends the browser then. */
  atProvider(address: URL | string, person: Person | null = null): Promise<URL> {
    return signInAt(address, person, this.#fetchPage);
  }

  /** Comes back from a provider; answers where our server leads then. */
  async comeBack(callback: URL): Promise<string> {
    const answer = await this.go('GET', callback.pathname + callback.search);
    return String(answer.headers.location ?? answer.statusCode);
  }

  /** All of it, by the button of a provider. */
  async signIn(provider: ProviderName = 'oidc', person: Person | null = null): Promise<string> {
    const address = await this.begin(provider);
    if (address.origin === TEST_ORIGIN) return address.pathname + address.search;
    return this.comeBack(await this.atProvider(address, person));
  }

  /** Who is signed in: the page loads, and gets an access token by the cookie. */
  async whoIs(): Promise<{ id: string; email: string; accessToken: string } | null> {
    const answer = await this.go('POST', '/api/v1/refresh');
    if (answer.statusCode !== 200) return null;
    const { user, access_token: accessToken } = answer.json();
    return { id: user.id, email: user.email, accessToken };
  }

  /** Forgets everything, as at a new window of another person. */
  clear(): void {
    for (const name of Object.keys(this.cookies)) delete this.cookies[name];
  }
}

function fetchPageOf(t: Pick<TestApp, 'call'> & { servers?: ProviderServers }): typeof fetch {
  return t.servers?.fetch ?? fetch;
}

/** The page on which a refused sign-in ends. */
export function problem(code: string, provider: ProviderName = 'oidc'): string {
  return `/login/problem?code=${code}&provider=${provider}`;
}
