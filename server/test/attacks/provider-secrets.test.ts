import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { startTestApp, type TestApp } from '../harness/app.ts';
import { GITHUB_CLIENT_SECRET } from '../harness/github-server.ts';
import { ISSUER_CLIENT_SECRET } from '../harness/issuer-server.ts';
import { OIDC_CLIENT_SECRET } from '../harness/oidc-server.ts';
import {
  AppBrowser,
  beMicrosoft,
  type ProviderServers,
  startProviderServers,
} from '../harness/provider-app.ts';

const lines: string[] = [];
const log = createLog('debug', { write: (line: string) => void lines.push(line) });
const secrets = new Map<string, string>();
const PROVIDERS = ['oidc', 'google', 'microsoft', 'github'] as const;
let servers: ProviderServers;
let t: TestApp;

beforeAll(async () => {
  servers = await startProviderServers();
  t = await startTestApp(servers.settings, { log, providerFetch: watchedFetch });
});
afterAll(async () => {
  await t?.close();
  await servers?.close();
});

/** Notes every secret that goes to or comes from a provider. */
async function watchedFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const sent = new URLSearchParams(String(init?.body ?? ''));
  for (const name of ['code', 'code_verifier']) note(name, sent.get(name));
  const headers = new Headers(init?.headers);
  note('authorization', headers.get('authorization')?.split(' ')[1]);
  const response = await servers.fetch(url, init);
  const text = await response.clone().text();
  const told = text.startsWith('{') ? JSON.parse(text) : {};
  for (const name of ['access_token', 'id_token', 'refresh_token']) note(name, told[name]);
  return response;
}

function note(name: string, value: string | null | undefined): void {
  if (value) secrets.set(value, name);
}

async function signIn(provider: (typeof PROVIDERS)[number], alter?: (callback: URL) => void) {
  const browser = new AppBrowser(t, servers.fetch);
  const address = await browser.begin(provider);
  note('state', address.searchParams.get('state'));
  note('nonce', address.searchParams.get('nonce'));
  note('browser', browser.cookies.docket_sign_in);
  const callback = await browser.atProvider(address, { email: 'ada@example.org', subject: 'ada' });
  note('code', callback.searchParams.get('code'));
  alter?.(callback);
  const location = await browser.comeBack(callback);
  note('refresh', browser.cookies.docket_refresh);
  return { browser, location, callback };
}

async function driveEverything() {
  servers.google.behave({ claims: { sub: 'ada', email: 'ada@example.org', email_verified: true } });
  beMicrosoft(servers.microsoft, {
    claims: { sub: 'ada', email: 'ada@example.org', xms_edov: true },
  });
  servers.github.behave({
    emails: [{ email: 'ada@example.org', primary: true, verified: true, visibility: null }],
  });
  for (const provider of PROVIDERS) {
    const { browser, location, callback } = await signIn(provider);
    expect(location).toBe('/');
    await browser.comeBack(callback);
    await signIn(provider, (url) => url.searchParams.set('iss', 'https://evil.example'));
    await signIn(provider, (url) => url.searchParams.set('error', 'server_error'));
    await signIn(provider, (url) => url.searchParams.set('code', 'another code that is a secret'));
  }
  note('code', 'another code that is a secret');
  const ada = await t.signIn();
  const linking = new AppBrowser(t, servers.fetch);
  const asked = await linking.go('POST', '/api/v1/users/me/providers/oidc/link', {
    as: ada,
    body: {},
  });
  const address = new URL(asked.json().authorization_url);
  note('state', address.searchParams.get('state'));
  const callback = await linking.atProvider(address, { email: 'x@example.org' });
  note('code', callback.searchParams.get('code'));
  await linking.comeBack(callback);
}

async function driveFailures() {
  servers.google.behave({ claims: { sub: '' } });
  await signIn('google');
  servers.google.behave({ signature: 'another-key' });
  await signIn('google');
  servers.google.behave({
    alterTokenAnswer: (answer) => Object.assign(answer, { statusCode: 400 }),
  });
  await signIn('google');
  servers.google.behave({
    alterTokenAnswer: (answer) => Object.assign(answer, { statusCode: 500 }),
  });
  await signIn('google');
  servers.github.behave({ isRevoked: true });
  await signIn('github');
  servers.github.behave({ tokenError: 'bad_verification_code' });
  await signIn('github');
  await signIn('oidc', () => void t.ctx.db.close().catch(() => undefined));
}

/** Everything in every table, as text. */
async function wholeDatabase(): Promise<string> {
  const { rows } = await t.owner.query(
    `SELECT format('SELECT coalesce(string_agg(it::text, E''\\n''), '''') AS rows FROM %I.%I it', schemaname, tablename) AS query
     FROM pg_tables WHERE schemaname IN ('public', 'jobs', 'pgboss')`,
  );
  const tables = [];
  for (const { query } of rows) tables.push((await t.owner.query(query)).rows[0].rows);
  return tables.join('\n');
}

test('no code, state, verifier, nonce, cookie or token of a sign-in is in any line of the log or row of the database', async () => {
  await driveEverything();
  const pending = await new AppBrowser(t).begin('oidc');
  note('state', pending.searchParams.get('state'));
  const database = await wholeDatabase();
  await driveFailures();
  for (const secret of [OIDC_CLIENT_SECRET, ISSUER_CLIENT_SECRET, GITHUB_CLIENT_SECRET]) {
    note('client secret', secret);
    note('client secret', Buffer.from(secret).toString('base64'));
  }

  const found = new Set(secrets.values());
  for (const name of [
    'code',
    'state',
    'nonce',
    'code_verifier',
    'browser',
    'refresh',
    'access_token',
    'id_token',
    'authorization',
  ]) {
    expect(found, name).toContain(name);
  }
  const text = lines.join('');
  expect(text).toContain('a sign-in failed at the provider');
  expect(text).toContain('"/api/v1/auth/:provider/callback"');
  // The state stands there as its digest alone.
  const digest = createHash('sha256')
    .update(pending.searchParams.get('state') ?? '')
    .digest('hex');
  expect(database).toContain(digest);
  for (const [secret, name] of secrets) {
    expect(secret.length, name).toBeGreaterThan(10);
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex')]) {
      expect(text.includes(form), `${name} in the log`).toBe(false);
      expect(database.includes(form), `${name} in the database`).toBe(false);
    }
  }
  expect(text).not.toMatch(/eyJ[\w-]{10,}\.|gho_|[?&](code|state)=/);
  expect(database).not.toMatch(/eyJ[\w-]{10,}\.|gho_/);
});
