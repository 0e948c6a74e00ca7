import { ApiError, isTemporary, toApiError, unreachable } from './problem.ts';
import { endedJourney } from './provider-journey.ts';
import type { AccessGrant, User } from './schema.ts';
import {
  askOtherTabs,
  type Credentials,
  exclusively,
  onOtherTabs,
  tellOtherTabs,
} from './session-channel.ts';

export type EndReason = 'never-signed-in' | 'signed-out' | 'expired';

export type Session =
  | { kind: 'starting' }
  | { kind: 'unreachable'; error: unknown }
  | { kind: 'signed-in'; user: User }
  | { kind: 'signed-out'; reason: EndReason };

/** A token this close to its end is replaced before it is used. */
const RENEW_BEFORE_MS = 20_000;

let session: Session = { kind: 'starting' };
let credentials: Credentials | undefined;
const listeners = new Set<() => void>();

/** The present session, the same object until it changes. */
export function getSession(): Session {
  return session;
}

/** Calls `listener` after every change of the session. */
export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setSession(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function adopt(next: Credentials): void {
  credentials = next;
  if (session.kind !== 'signed-in' || !isSameState(session.user, next.user)) {
    setSession({ kind: 'signed-in', user: next.user });
  }
}

/** Whether nothing that is shown of a person has changed. */
function isSameState(one: User, other: User): boolean {
  return one.id === other.id && JSON.stringify(one) === JSON.stringify(other);
}

function end(reason: EndReason): void {
  credentials = undefined;
  if (session.kind !== 'signed-out') setSession({ kind: 'signed-out', reason });
}

function isUsable(candidate: Credentials | undefined): candidate is Credentials {
  return candidate !== undefined && candidate.expiresAtMs - Date.now() > RENEW_BEFORE_MS;
}

onOtherTabs((message) => {
  if (message.type === 'credentials' && isUsable(message.credentials)) adopt(message.credentials);
  if (message.type === 'ended') end(message.reason);
  if (message.type === 'ask' && isUsable(credentials)) {
    tellOtherTabs({ type: 'credentials', credentials });
  }
});

/** Takes over an answer of sign-in or refresh, in this tab and in all others. */
function accept(answer: AccessGrant): Credentials {
  const next: Credentials = {
    accessToken: answer.access_token,
    expiresAtMs: Date.now() + answer.expires_in * 1_000,
    user: answer.user,
  };
  adopt(next);
  tellOtherTabs({ type: 'credentials', credentials: next });
  return next;
}

let renewal: Promise<Credentials> | undefined;

/**
 * A token other than `refused` (the one that the server has just turned down), by way of another tab or one refresh.
 * @throws ApiError `session.invalid` when the session is over, or the reason why no answer came
 */
export function renewCredentials(refused?: string): Promise<Credentials> {
  renewal ??= renew(refused).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function renew(refused: string | undefined): Promise<Credentials> {
  const isNew = (candidate: Credentials | undefined): candidate is Credentials =>
    isUsable(candidate) && candidate.accessToken !== refused;
  if (isNew(credentials)) return credentials;
  return exclusively(async () => {
    // Whoever held the lock before has told its token to all; the question covers a message still under way.
    const shared = isNew(credentials) ? credentials : await askOtherTabs();
    if (isNew(shared)) {
      adopt(shared);
      return shared;
    }
    return refresh();
  });
}

async function refresh(): Promise<Credentials> {
  const response = await post('/api/v1/refresh');
  if (response.ok) return accept((await response.json()) as AccessGrant);
  const error = await toApiError(response);
  if (error.status === 401) {
    const reason = session.kind === 'signed-in' ? 'expired' : 'never-signed-in';
    end(reason);
    if (reason === 'expired') tellOtherTabs({ type: 'ended', reason });
  }
  throw error;
}

async function post(path: string, body: object = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() =>
    Promise.reject(unreachable()),
  );
}

/** A token that can be used now. @throws ApiError as `renewCredentials` */
export async function getCredentials(): Promise<Credentials> {
  return isUsable(credentials) ? credentials : renewCredentials();
}

/** Asks the server anew who is signed in, after something that may have changed or ended it. */
export async function recheckSession(): Promise<void> {
  if (session.kind !== 'signed-in') return;
  // Where no answer comes now, the next call finds out.
  await renewCredentials(credentials?.accessToken).catch(() => undefined);
}

/** Finds out whether somebody is signed in; afterwards the session is anything but `starting`. */
export async function startSession(): Promise<void> {
  try {
    // Whoever comes back from a provider has a new session, whatever other tabs still hold.
    if (endedJourney()) await exclusively(refresh);
    else await getCredentials();
  } catch (error) {
    if (session.kind === 'signed-out') return;
    if (!(error instanceof ApiError) || isTemporary(error) || error.status >= 500) {
      setSession({ kind: 'unreachable', error });
    } else {
      end('never-signed-in');
    }
  }
}

/** Signs in. @throws ApiError `credentials.invalid`, `user.unverified`, `rate.limited`, … */
export async function signIn(input: {
  email: string;
  password: string;
  remember: boolean;
}): Promise<void> {
  await exclusively(async () => {
    const response = await post('/api/v1/login', input);
    if (!response.ok) throw await toApiError(response);
    accept((await response.json()) as AccessGrant);
  });
}

/** Ends the session here and in every tab. @throws ApiError when the server could not be told */
export async function signOut(): Promise<void> {
  await exclusively(async () => {
    const response = await post('/api/v1/logout');
    if (!response.ok && response.status !== 401) throw await toApiError(response);
    end('signed-out');
    tellOtherTabs({ type: 'ended', reason: 'signed-out' });
  });
}
