import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import {
  AppBrowser,
  type ProviderServers,
  problem,
  startProviderServers,
} from '../harness/provider-app.ts';

const ADA = { email: 'ada@example.org' };
let servers: ProviderServers;
let database: TestDatabase;
let running: TestApp[];

beforeEach(async () => {
  servers = await startProviderServers();
  database = await createTestDatabase();
  running = [];
});
afterEach(async () => {
  for (const app of running) await app.close();
  await database?.drop();
  await servers?.close();
});

async function startReplica(): Promise<TestApp> {
  const app = await startTestApp(servers.settings, { database, providerFetch: servers.fetch });
  running.push(app);
  return app;
}

/** The same browser, whose requests reach another server now. */
function movedTo(app: TestApp, { cookies }: AppBrowser): AppBrowser {
  const browser = new AppBrowser(app, servers.fetch);
  Object.assign(browser.cookies, cookies);
  return browser;
}

test('a sign-in that one replica began is finished by another, once', async () => {
  const [one, two] = [await startReplica(), await startReplica()];
  const browser = new AppBrowser(one, servers.fetch);
  const callback = await browser.atProvider(
    await browser.begin('oidc', '?return_to=/settings'),
    ADA,
  );
  const elsewhere = movedTo(two, browser);
  expect(await elsewhere.comeBack(callback)).toBe('/settings');
  expect(await movedTo(one, elsewhere).whoIs()).toMatchObject(ADA);
  expect(await browser.comeBack(callback)).toBe(problem('provider.flow_invalid'));
});

test('a sign-in goes on over a restart of the server', async () => {
  const before = await startReplica();
  const browser = new AppBrowser(before, servers.fetch);
  const callback = await browser.atProvider(await browser.begin(), ADA);
  await before.close();
  running = [];
  const after = movedTo(await startReplica(), browser);
  expect(await after.comeBack(callback)).toBe('/');
  expect(await after.whoIs()).toMatchObject(ADA);
});
