import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  AccountClaims,
  ClientMetadata,
  JWK,
  KoaContextWithOIDC,
  default as Provider,
} from 'oidc-provider';
import { loginPage } from './oidc-login-page.ts';
import { memoryAdapter } from './oidc-memory.ts';

/** Somebody as they describe themselves on the page where they sign in. */
export interface Person {
  email: string;
  name?: string;
  /** By default made from the address, always the same. */
  subject?: string;
  /** Whether the provider vouches for the address; by default it does. */
  emailVerified?: boolean;
  picture?: string;
}

export interface OidcClient {
  id: string;
  /** Absent: a public client. */
  secret?: string;
  redirectUris: string[];
}

export interface OidcProviderOptions {
  clients: OidcClient[];
  /** 0 picks a free one. */
  port?: number;
  /** Where address and name stand; `userinfo` is what the specification asks for with an access token. */
  claimsIn?: 'id_token' | 'userinfo';
}

export interface OidcProviderServer {
  /** What goes into `OIDC_ISSUER`. */
  issuer: string;
  close(): Promise<void>;
}

const TEN_MINUTES = 600;
const ONE_DAY = 86_400;
const MAX_FORM_BYTES = 10_000;

/** Starts a certified OpenID provider on this machine that lets everybody in as whoever they say they are. */
export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProviderServer> {
  const people = new Map<string, AccountClaims>();
  const OidcProvider = await loadProvider();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, configurationOf(options, people));
  // What goes wrong is answered; the console belongs to whoever runs this.
  provider.on('server_error', () => undefined);
  const serve = provider.callback();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) return serve(request, response);
    await interact(provider, people, request, response);
  };
  return {
    issuer,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The package warns of every Node that is not a long-term one yet; here that is no news. */
async function loadProvider(): Promise<typeof Provider> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return (await import('oidc-provider')).default;
  } finally {
    console.warn = warn;
  }
}

function configurationOf(options: OidcProviderOptions, people: Map<string, AccountClaims>) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'signing', alg: 'RS256', use: 'sig' };
  return {
    adapter: memoryAdapter(),
    clients: options.clients.map(clientMetadata),
    jwks: { keys: [key as JWK] },
    cookies: { keys: ['nobody keeps a secret in this provider'] },
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'picture'],
    },
    conformIdTokenClaims: options.claimsIn === 'userinfo',
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, subject: string) => ({
      accountId: subject,
      claims: () => people.get(subject) ?? { sub: subject },
    }),
    loadExistingGrant: grantEverything,
    renderError(ctx: { type: string; body: unknown }, out: object) {
      ctx.type = 'text';
      ctx.body = JSON.stringify(out);
    },
    ttl: {
      AccessToken: TEN_MINUTES,
      AuthorizationCode: 60,
      Grant: ONE_DAY,
      IdToken: TEN_MINUTES,
      Interaction: TEN_MINUTES,
      Session: ONE_DAY,
    },
  };
}

function clientMetadata({ id, secret, redirectUris }: OidcClient): ClientMetadata {
  return {
    client_id: id,
    ...(secret && { client_secret: secret }),
    token_endpoint_auth_method: secret ? 'client_secret_basic' : 'none',
    redirect_uris: redirectUris,
  };
}

/** What this asks for is granted without asking. */
async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { client, session, provider, params } = oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.scope ?? 'openid'));
  await grant.save();
  return grant;
}

/** Shows the page where one signs in, and takes what it sends. */
async function interact(
  provider: Provider,
  people: Map<string, AccountClaims>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET') {
    const { params } = await provider.interactionDetails(request, response);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(loginPage(String(params.client_id)));
    return;
  }
  const form = await readForm(request);
  if (form.get('answer') === 'cancel') {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const claims = claimsOf(form);
  people.set(claims.sub, claims);
  const { session } = await provider.interactionDetails(request, response);
  const result = { login: { accountId: claims.sub } };
  const location = await provider.interactionResult(request, response, result);
  if (session && session.accountId !== claims.sub) await forgetAccount(provider, session.uid);
  response.writeHead(303, { location }).end();
}

/** Otherwise the provider asks, on a page with a script, whether the other account shall sign out. */
async function forgetAccount(provider: Provider, sessionUid: string): Promise<void> {
  const session = await provider.Session.findByUid(sessionUid);
  if (!session) return;
  session.accountId = undefined;
  session.authorizations = {};
  await session.persist();
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_FORM_BYTES) throw new Error('too long a form');
  }
  return new URLSearchParams(text);
}

function claimsOf(form: URLSearchParams): AccountClaims {
  const email = form.get('email') ?? '';
  const [name, picture] = [form.get('name'), form.get('picture')];
  return {
    sub: form.get('subject') || createHash('sha256').update(email.toLowerCase()).digest('hex'),
    email,
    email_verified: form.get('email_verified') === 'on',
    ...(name && { name }),
    ...(picture && { picture }),
  };
}
