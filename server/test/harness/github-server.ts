import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const GITHUB_CLIENT_ID = 'docket-at-github';
export const GITHUB_CLIENT_SECRET = 'of docket at github';

/** How it answers from now on; everything is right unless said. */
export interface GithubBehaviour {
  /** Fields of `GET /user` besides its usual ones. */
  user?: Record<string, unknown>;
  /** Rows of `GET /user/emails`, of whatever form. */
  emails?: unknown;
  /** Whoever is asked says no. */
  isCancelled?: boolean;
  /** The token endpoint refuses, in its own way: with status 200. */
  tokenError?: string;
  /** The access token has been revoked when it is used. */
  isRevoked?: boolean;
  /** The person, or the app's owner, has not granted reading addresses. */
  lacksEmailScope?: boolean;
  /** Changes where the browser is sent back to. */
  alterCallback?: (url: URL) => void;
  /** Answers requests in the place of everything below; true: it has. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean | undefined;
}

export interface GithubServer {
  /** Goes into `GITHUB_URL` for a GitHub Enterprise Server, or into `targets` for github.com. */
  url: string;
  /** Settings that make Docket use it, as github.com. */
  settings: Record<string, string>;
  /** For `providerFetch`: what stands for github.com. */
  targets: Record<string, string>;
  /** Method and path of the requests that came. */
  requests: string[];
  /** Access tokens that were handed out. */
  tokens: Set<string>;
  behave(behaviour?: GithubBehaviour): void;
  close(): Promise<void>;
}

interface Grant {
  redirectUri: string;
  challenge: string | null;
  scope: string;
}

interface State {
  behaviour: GithubBehaviour;
  codes: Map<string, Grant>;
  tokens: Set<string>;
}

/** A server with the shape of GitHub, as far as signing in goes: OAuth 2 and two resources of its API. */
export async function startGithubServer(): Promise<GithubServer> {
  const state: State = { behaviour: {}, codes: new Map(), tokens: new Set() };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://here.invalid');
    requests.push(`${request.method} ${url.pathname}`);
    if (state.behaviour.intercept?.(request, response)) return;
    answer(state, request, response, url).catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    settings: { GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET },
    targets: { 'https://github.com': url, 'https://api.github.com': `${url}/api/v3` },
    requests,
    tokens: state.tokens,
    behave(behaviour = {}) {
      state.behaviour = behaviour;
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /login/oauth/authorize':
      return authorize(state, response, url);
    case 'POST /login/oauth/access_token':
      return redeem(state, request, response);
    case 'GET /api/v3/user':
      return readApi(state, request, response, 'read:user', userOf(state.behaviour));
    case 'GET /api/v3/user/emails':
      return readApi(state, request, response, 'user:email', emailsOf(state.behaviour));
    default:
      sendJson(response, 404, { message: 'Not Found', status: '404' });
  }
}

function authorize({ behaviour, codes }: State, response: ServerResponse, { searchParams }: URL) {
  const redirectUri = searchParams.get('redirect_uri') ?? '';
  if (searchParams.get('client_id') !== GITHUB_CLIENT_ID) {
    sendJson(response, 404, { message: 'Not Found' });
    return;
  }
  const callback = new URL(redirectUri);
  if (behaviour.isCancelled) {
    callback.searchParams.set('error', 'access_denied');
    callback.searchParams.set('error_description', 'The user has denied your application access.');
  } else {
    const code = randomBytes(10).toString('hex');
    codes.set(code, {
      redirectUri,
      challenge: searchParams.get('code_challenge'),
      scope: searchParams.get('scope') ?? '',
    });
    callback.searchParams.set('code', code);
  }
  callback.searchParams.set('state', searchParams.get('state') ?? '');
  behaviour.alterCallback?.(callback);
  response.writeHead(302, { location: callback.href }).end();
}

async function redeem(state: State, request: IncomingMessage, response: ServerResponse) {
  const form = new URLSearchParams(await text(request));
  const outcome = tokenFor(state, form);
  if (request.headers.accept?.includes('application/json')) {
    sendJson(response, 200, outcome);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' });
  response.end(new URLSearchParams(outcome).toString());
}

/** What the token endpoint says, by status 200 whatever it is. */
function tokenFor(state: State, form: URLSearchParams): Record<string, string> {
  if (state.behaviour.tokenError) return refusal(state.behaviour.tokenError);
  const isClient =
    form.get('client_id') === GITHUB_CLIENT_ID &&
    form.get('client_secret') === GITHUB_CLIENT_SECRET;
  if (!isClient) return refusal('incorrect_client_credentials');
  const code = form.get('code') ?? '';
  const grant = state.codes.get(code);
  state.codes.delete(code);
  if (!grant || !isVerified(grant, form.get('code_verifier'))) {
    return refusal('bad_verification_code');
  }
  if (form.get('redirect_uri') !== grant.redirectUri) return refusal('redirect_uri_mismatch');
  const token = `gho_${randomBytes(18).toString('hex')}`;
  state.tokens.add(token);
  return { access_token: token, scope: grant.scope.replaceAll(' ', ','), token_type: 'bearer' };
}

function refusal(error: string): Record<string, string> {
  return {
    error,
    error_description: 'The request was refused.',
    error_uri: 'https://docs.github.com',
  };
}

function isVerified({ challenge }: Grant, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier;
  return hash('sha256', verifier, 'base64url') === challenge;
}

function readApi(
  { behaviour, tokens }: State,
  request: IncomingMessage,
  response: ServerResponse,
  scope: string,
  body: unknown,
): void {
  const [scheme = '', token = ''] = request.headers.authorization?.split(' ') ?? [];
  const isKnown = /^(bearer|token)$/i.test(scheme) && tokens.has(token) && !behaviour.isRevoked;
  if (!request.headers['user-agent']) {
    sendJson(response, 403, { message: 'Request forbidden by administrative rules.' });
  } else if (!isKnown) {
    sendJson(response, 401, { message: 'Bad credentials', status: '401' });
  } else if (scope === 'user:email' && behaviour.lacksEmailScope) {
    sendJson(response, 404, { message: 'Not Found', status: '404' });
  } else {
    sendJson(response, 200, body);
  }
}

function userOf({ user }: GithubBehaviour): object {
  return {
    login: 'octocat',
    id: 583_231,
    node_id: 'MDQ6VXNlcjU4MzIzMQ==',
    avatar_url: 'https://avatars.githubusercontent.com/u/583231?v=4',
    type: 'User',
    site_admin: false,
    name: 'The Octocat',
    email: null,
    ...user,
  };
}

function emailsOf({ emails }: GithubBehaviour): unknown {
  const primary = { email: 'octocat@github.com', primary: true, verified: true };
  return emails ?? [{ ...primary, visibility: 'private' }];
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
