import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type RunningServer, startServer } from './server.ts';

export interface Person {
  email: string;
  password: string;
  name: string;
  /** Calls the API in this person's name; returns the answer's body. */
  call: <T>(method: string, path: string, body?: object) => Promise<T>;
  /** Adds tasks in the given order, so that the last one stands on top; returns them. */
  addTasks: (...titles: string[]) => Promise<{ id: number; title: string }[]>;
  /** Gives a browser context this person's session. */
  enter: (context: BrowserContext) => Promise<void>;
}

interface TestFixtures {
  /** Somebody with an account, not signed in in the browser. */
  person: Person;
  /** A page on which `person` is signed in, at the task list. */
  signedIn: Page;
  /** Makes more people. */
  newPerson: () => Promise<Person>;
  /** Fails the test on any violation of the page's content policy and any error that nobody caught. */
  watch: (page: Page) => Promise<void>;
}

interface WorkerFixtures {
  /** Settings of the server besides those that all tests need. */
  settings: Record<string, string>;
  server: RunningServer;
}

let count = 0;

async function register(url: string): Promise<Person> {
  count += 1;
  const email = `ada.${process.pid}.${count}@example.org`;
  const password = 'kettle marble otter';
  const name = 'Ada Lovelace';
  await send(url, 'POST', '/api/v1/register', { email, password, name });
  const login = await post(url, '/api/v1/login', { email, password });
  const grant = (await login.json()) as { access_token: string };
  let unusedCookie = login.headers.getSetCookie()[0];
  const call = <T>(method: string, path: string, body?: object) =>
    send<T>(url, method, path, body, grant.access_token);
  return {
    email,
    password,
    name,
    call,
    async addTasks(...titles) {
      const added: { id: number; title: string }[] = [];
      for (const title of titles) added.push(await call('POST', '/api/v1/tasks', { title }));
      return added;
    },
    async enter(context) {
      // The first browser takes over the session from above, which saves the hashing of a sign-in.
      const cookie =
        unusedCookie ??
        (await post(url, '/api/v1/login', { email, password })).headers.getSetCookie()[0];
      unusedCookie = undefined;
      const [name = '', value = ''] = cookie?.split(';')[0]?.split('=') ?? [];
      await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
    },
  };
}

function post(url: string, path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function send<T>(
  url: string,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  settings: [{}, { scope: 'worker', option: true }],
  server: [
    async ({ settings }, use) => {
      const server = await startServer(settings);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  baseURL: ({ server }, use) => use(server.url),
  newPerson: ({ server }, use) => use(() => register(server.url)),
  person: async ({ server }, use) => use(await register(server.url)),
  watch: [
    async ({ context }, use) => {
      const troubles: string[] = [];
      const watch = async (page: Page) => {
        page.on('pageerror', (error) => troubles.push(`uncaught: ${error}`));
        page.on('console', (message) => {
          if (/content security policy/i.test(message.text())) troubles.push(message.text());
        });
      };
      context.on('page', (page) => void watch(page));
      await use(watch);
      expect(troubles).toEqual([]);
    },
    { auto: true },
  ],
  signedIn: async ({ page, context, person }, use) => {
    await person.enter(context);
    await page.goto('/');
    await expect(page.getByRole('textbox', { name: 'Add a task' })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Loading tasks' })).toHaveCount(0);
    await use(page);
  },
});

/** The row of a task in the list. */
export function row(page: Page, title: string) {
  return page.getByRole('listitem').filter({ has: page.getByRole('link', { name: title }) });
}

/** Delays every call of the API by `ms`, as a far-away server would. */
export async function addLatency(page: Page, ms: number): Promise<void> {
  await page.route('**/api/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    await route.continue();
  });
}

/** Answers calls that fit with a refusal instead of passing them on. */
export async function refuse(
  page: Page,
  method: string,
  path: RegExp,
  problem: { status: number; code: string; detail: string },
): Promise<void> {
  await page.route(path, (route) =>
    route.request().method() === method
      ? route.fulfill({
          status: problem.status,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: 'about:blank', title: problem.detail, ...problem }),
        })
      : route.fallback(),
  );
}

export { expect };
