import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  type webcrypto,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Events,
  type MutableRedirectUri,
  type MutableResponse,
  OAuth2Issuer,
  OAuth2Service,
} from 'oauth2-mock-server';

export const ISSUER_CLIENT_ID = 'docket-at-issuer';
export const ISSUER_CLIENT_SECRET = 'of docket at the issuer, at least 32 bytes long';

interface IdToken {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

/** Who signs an ID token: its issuer, nobody, whoever knows the client's secret, or somebody else. */
export type Signature = 'issuer' | 'none' | 'client-secret' | 'another-key' | 'unknown-key';

/** How an issuer answers from now on; everything is optional and right unless said. */
export interface IssuerBehaviour {
  /** Claims about whoever signs in, in the ID token; `undefined` leaves one out. */
  claims?: Record<string, unknown>;
  alterIdToken?: (token: IdToken) => void;
  signature?: Signature;
  alterMetadata?: (metadata: Record<string, unknown>) => void;
  alterTokenAnswer?: (answer: MutableResponse) => void;
  /** What userinfo answers besides `sub`. */
  userinfo?: Record<string, unknown>;
  alterUserinfo?: (answer: MutableResponse) => void;
  /** Changes where the browser is sent back to. */
  alterCallback?: (url: URL) => void;
  /** Answers requests in the place of the issuer; true: it has. */
  intercept?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => boolean | undefined | Promise<boolean | undefined>;
  /** Waits so long before every answer. */
  delayMs?: number;
}

export interface IssuerServer {
  /** As it names itself. */
  issuer: string;
  /** Where it really is; goes into `providerFetch` for the origin of an issuer that is not here. */
  url: string;
  /** Settings that make Docket use it as its own OpenID provider. */
  settings: Record<string, string>;
  /** Paths of the requests that came, below the issuer. */
  requests: string[];
  /** How it answers from now on, and nothing of how it did before. */
  behave(behaviour?: IssuerBehaviour): void;
  /** Publishes a new key and signs with it; the old one is gone. */
  rotateKeys(): Promise<void>;
  /** Accepts no connection, or does so again at the same address. */
  setDown(isDown: boolean): Promise<void>;
  close(): Promise<void>;
}

interface State {
  behaviour: IssuerBehaviour;
  issuer: OAuth2Issuer;
  service: OAuth2Service;
}

/**
 * An OpenID issuer that does anything that a test asks for. It pretends to be `issuer`, whose path it
 * takes away from requests; by default it is known by where it is.
 */
export async function startIssuerServer(pretended?: string): Promise<IssuerServer> {
  const requests: string[] = [];
  const state: State = { behaviour: {}, ...(await newIssuer()) };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.writeHead(500).end());
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const port = await listen(0);
  const url = `http://127.0.0.1:${port}`;
  const issuer = pretended ?? url;
  const prefix = new URL(issuer).pathname.replace(/\/$/, '');
  const publish = () => {
    state.issuer.url = issuer;
    watch(state);
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith(prefix)) request.url = request.url.slice(prefix.length);
    requests.push(request.url?.split('?', 1)[0] ?? '');
    const { delayMs, intercept } = state.behaviour;
    if (delayMs) await delay(delayMs);
    if (await intercept?.(request, response)) return;
    state.service.requestHandler(request, response);
  };
  publish();
  return {
    issuer,
    url,
    requests,
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: ISSUER_CLIENT_ID,
      OIDC_CLIENT_SECRET: ISSUER_CLIENT_SECRET,
    },
    behave(behaviour = {}) {
      state.behaviour = behaviour;
    },
    async rotateKeys() {
      Object.assign(state, await newIssuer());
      publish();
    },
    async setDown(isDown) {
      if (isDown === server.listening) await (isDown ? stop() : listen(port));
    },
    close: async () => {
      if (server.listening) await stop();
    },
  };
}

async function newIssuer(): Promise<Pick<State, 'issuer' | 'service'>> {
  const issuer = new OAuth2Issuer();
  await issuer.keys.generate('RS256');
  return { issuer, service: new OAuth2Service(issuer) };
}

/** What the service does by itself, changed as the behaviour of the moment says. */
function watch(state: State): void {
  const { service } = state;
  service.on(Events.BeforeWellKnownOpenIdConfiguration, ({ body }: MutableResponse) => {
    if (body === '') return;
    Object.assign(body, {
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
    state.behaviour.alterMetadata?.(body);
  });
  service.on(Events.BeforeAuthorizeRedirect, ({ url }: MutableRedirectUri) =>
    state.behaviour.alterCallback?.(url),
  );
  service.on(Events.BeforeResponse, (answer: MutableResponse) => {
    if (answer.body !== '' && typeof answer.body.id_token === 'string') {
      answer.body.id_token = signedAnew(state, answer.body.id_token);
    }
    state.behaviour.alterTokenAnswer?.(answer);
  });
  service.on(Events.BeforeUserinfo, (answer: MutableResponse) => {
    const { claims, userinfo } = state.behaviour;
    if (answer.body !== '' && claims && 'sub' in claims) answer.body.sub = claims.sub;
    if (answer.body !== '') Object.assign(answer.body, userinfo);
    state.behaviour.alterUserinfo?.(answer);
  });
}

function signedAnew({ behaviour, issuer }: State, idToken: string): string {
  const [header = {}, payload = {}] = idToken
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const token: IdToken = { header, payload: { ...payload, ...behaviour.claims } };
  behaviour.alterIdToken?.(token);
  return signed(token, behaviour.signature ?? 'issuer', issuer);
}

/** An ID token in the compact form, signed by whom a test wants. */
function signed({ header, payload }: IdToken, signature: Signature, issuer: OAuth2Issuer): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = (changes: object) => `${part({ ...header, ...changes })}.${part(payload)}`;
  switch (signature) {
    case 'none':
      return `${input({ alg: 'none' })}.`;
    case 'client-secret': {
      const text = input({ alg: 'HS256', kid: undefined });
      return `${text}.${createHmac('sha256', ISSUER_CLIENT_SECRET).update(text).digest('base64url')}`;
    }
    case 'another-key':
      return rsaSigned(input({}), ANOTHER_KEY);
    case 'unknown-key':
      return rsaSigned(input({ kid: 'nobody-publishes-this' }), ANOTHER_KEY);
    case 'issuer': {
      const [jwk] = issuer.keys.toJSON(true);
      return rsaSigned(
        input({}),
        createPrivateKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' }),
      );
    }
  }
}

const ANOTHER_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

function rsaSigned(text: string, key: KeyObject): string {
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
