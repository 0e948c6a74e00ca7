import type { User } from './schema.ts';

/** An access token, held in memory only. */
export interface Credentials {
  accessToken: string;
  /** Milliseconds since the epoch, by this machine's clock. */
  expiresAtMs: number;
  user: User;
}

export type SessionMessage =
  | { type: 'ask' }
  | { type: 'credentials'; credentials: Credentials }
  | { type: 'ended'; reason: 'signed-out' | 'expired' };

const channel = new BroadcastChannel('docket.session');

/** Tells the other tabs of this origin; never reaches the tab that calls it. */
export function tellOtherTabs(message: SessionMessage): void {
  channel.postMessage(message);
}

/** Calls `listener` for every message of another tab. */
export function onOtherTabs(listener: (message: SessionMessage) => void): () => void {
  const handle = (event: MessageEvent<SessionMessage>) => listener(event.data);
  channel.addEventListener('message', handle);
  return () => channel.removeEventListener('message', handle);
}

/** Longest time that a tab in possession of a token is given to answer. */
const ANSWER_MS = 80;

/** Asks the other tabs for a token; resolves early with the first answer, else with nothing after 80 ms. */
export function askOtherTabs(): Promise<Credentials | undefined> {
  return new Promise((resolve) => {
    const stop = onOtherTabs((message) => {
      if (message.type === 'credentials') finish(message.credentials);
    });
    const timer = setTimeout(() => finish(undefined), ANSWER_MS);
    function finish(credentials: Credentials | undefined) {
      clearTimeout(timer);
      stop();
      resolve(credentials);
    }
    tellOtherTabs({ type: 'ask' });
  });
}

/** Runs `work` while no other tab of this origin runs such work; without Web Locks, at once. */
export async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return work();
  return (await navigator.locks.request('docket.session', work)) as T;
}
