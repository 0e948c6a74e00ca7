import type { BrowserContext, Page } from '@playwright/test';
import { freePortFrom } from '../scripts/dev/free-port.ts';
import { type OidcServer, startOidcServer } from '../server/test/harness/oidc-server.ts';
import { test as base, expect } from './fixtures.ts';
import { startServer } from './server.ts';

interface WorkerFixtures {
  port: number;
  /** A real OpenID provider at which the server is registered; its label is “Local”. */
  oidc: OidcServer;
}

const FIRST_PORT = 24_000;
const PORTS_PER_WORKER = 50;

/** Tests with a server at which one can sign in with a provider. */
export const test = base.extend<object, WorkerFixtures>({
  port: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from here
    async ({}, use, { parallelIndex }) =>
      use(await freePortFrom(FIRST_PORT + parallelIndex * PORTS_PER_WORKER)),
    { scope: 'worker' },
  ],
  oidc: [
    async ({ port }, use) => {
      const oidc = await startOidcServer({ publicUrl: urlOf(port) });
      await use(oidc);
      await oidc.close();
    },
    { scope: 'worker' },
  ],
  server: [
    async ({ settings, port, oidc }, use) => {
      const server = await startServer({
        PORT: String(port),
        PUBLIC_URL: urlOf(port),
        ...oidc.settings,
        ...settings,
      });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
});

/** Another site than the provider's, as in life: browsers treat cookies accordingly. */
function urlOf(port: number): string {
  return `http://localhost:${port}`;
}

/** Signs in at the provider, as whoever one says one is, and is led back. */
export async function signInThere(
  page: Page,
  person: { email: string; name?: string; isVerified?: boolean; subject?: string },
): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Local provider' })).toBeVisible();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Name').fill(person.name ?? '');
  if (person.isVerified === false) await page.getByLabel('The address is verified').uncheck();
  if (person.subject) {
    await page.getByText('More', { exact: true }).click();
    await page.getByLabel('Subject').fill(person.subject);
  }
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Has the provider forget who is signed in there, so that it asks again. */
export async function leaveProvider(context: BrowserContext): Promise<void> {
  await context.clearCookies({ domain: '127.0.0.1' });
}

export { expect };
