import type { TaskState } from './ledger.ts';

/** One signed-in person, as seen from the network. */
export interface Client {
  /** The status and body of the answer, or `null` when none came. */
  send(method: string, path: string, body?: unknown): Promise<Answer | null>;
  /** All tasks of the person, the trash included. */
  allTasks(): Promise<Map<number, TaskState>>;
}

export interface Answer {
  status: number;
  body: unknown;
}

interface Page {
  items: TaskOnTheWire[];
  next_cursor: string | null;
}

export interface TaskOnTheWire extends Omit<TaskState, 'isDeleted'> {
  id: number;
  completed: boolean;
  completed_at: string | null;
  deleted_at: string | null;
}

export const ACCOUNT = { email: 'crash@example.org', password: 'correct horse battery staple' };

/** Registers the account and signs in. */
export async function signUp(url: string): Promise<Client> {
  const registered = await request(url, 'POST', '/api/v1/register', ACCOUNT);
  if (registered?.status !== 201) throw new Error(`registration: ${JSON.stringify(registered)}`);
  const signedIn = await request(url, 'POST', '/api/v1/login', ACCOUNT);
  if (signedIn?.status !== 200) throw new Error(`sign-in: ${JSON.stringify(signedIn)}`);
  const { access_token: token } = signedIn.body as { access_token: string };
  const send: Client['send'] = (method, path, body) => request(url, method, path, body, token);
  return { send, allTasks: () => allTasks(send) };
}

/** Sends one request to the server. */
export async function request(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Answer | null> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  } catch {
    return null; // the connection broke, before or after the server acted
  }
}

async function allTasks(send: Client['send']): Promise<Map<number, TaskState>> {
  const tasks = new Map<number, TaskState>();
  for (const deleted of [false, true]) {
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await send(
        'GET',
        `/api/v1/tasks?limit=100&sort=created_at&deleted=${deleted}${next}`,
      );
      if (answer?.status !== 200) throw new Error(`listing: ${JSON.stringify(answer)}`);
      const page = answer.body as Page;
      for (const task of page.items) tasks.set(task.id, stateOf(task));
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
  return tasks;
}

/** The task as the ledger keeps it. */
export function stateOf(task: TaskOnTheWire): TaskState {
  const { title, description, status, version, deleted_at } = task;
  if (
    task.completed !== (status === 'completed') ||
    task.completed !== (task.completed_at !== null)
  ) {
    throw new Error(`half done: ${JSON.stringify(task)}`);
  }
  return { title, description, status, version, isDeleted: deleted_at !== null };
}
