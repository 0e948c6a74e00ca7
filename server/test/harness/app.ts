import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import { collectSettings } from '../../src/config/env.ts';
import { type Context, createContext } from '../../src/context.ts';
import type { Fetch } from '../../src/modules/providers/providers.ts';
import { createLog, type Log } from '../../src/platform/log.ts';
import { type Account, addAccount, addSession, type TestUser } from './accounts.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export type { TestUser } from './accounts.ts';

export const TEST_ORIGIN = 'http://localhost:3000';
export const TEST_SECRET_KEY = 'a secret key for tests, long enough';

type Call = Omit<InjectOptions, 'method' | 'url' | 'payload' | 'body'> & {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with the media type that `headers` say. */
  raw?: string | Buffer;
  as?: TestUser;
};

/** A server on a database of its own, called without a socket. */
export interface TestApp {
  app: FastifyInstance;
  ctx: Context;
  database: TestDatabase;
  /** A connection as the owner, to look at rows and to move times. */
  owner: pg.Client;
  /** Calls the API; a body is sent as JSON, `as` adds the person's access token. */
  call(method: string, url: string, call?: Call): Promise<LightMyRequestResponse>;
  /** Makes somebody with a session; `roles` are `user` alone unless given. */
  signIn(name?: string, roles?: string[]): Promise<TestUser>;
  /** Makes an account that signs in with `TEST_PASSWORD`. */
  addAccount(account?: Account): Promise<{ id: string; email: string }>;
  close(): Promise<void>;
}

interface Parts {
  /** Shared with another server; whoever made it drops it. */
  database?: TestDatabase;
  log?: Log;
  /** Leads requests to sign-in providers elsewhere. */
  providerFetch?: Fetch;
}

const NO_LIMITS = { RATE_LIMIT_DEFAULT: 'off', RATE_LIMIT_AUTH: 'off', RATE_LIMIT_USER: 'off' };

/** Starts a server with settings on top of the defaults; limits are off unless set. */
export async function startTestApp(
  settings: Record<string, string> = {},
  parts: Parts = {},
): Promise<TestApp> {
  const database = parts.database ?? (await createTestDatabase());
  const config = loadConfig(collectSettings({ ...NO_LIMITS, ...settings }));
  const ctx = createContext({
    config,
    log: parts.log ?? createLog('silent', { write: () => undefined }),
    publicUrl: config.publicUrl ?? TEST_ORIGIN,
    secretKey: config.secretKey ?? TEST_SECRET_KEY,
    connection: database.serving,
    directConnection: database.serving,
    ...(parts.providerFetch && { providerFetch: parts.providerFetch }),
  });
  await ctx.start();
  const app = await buildApp(ctx);
  await app.ready();
  const owner = new pg.Client(database.owner);
  owner.on('error', () => undefined);
  await owner.connect();
  return {
    app,
    ctx,
    database,
    owner,
    call: (method, url, call) => callApi(app, method, url, call),
    signIn: async (name, roles) =>
      addSession(
        ctx,
        owner,
        await addAccount(owner, { ...(name && { name }), ...(roles && { roles }) }),
      ),
    addAccount: (account) => addAccount(owner, account),
    async close() {
      await app.close();
      await ctx.close();
      await owner.end().catch(() => undefined);
      if (!parts.database) await database.drop();
    },
  };
}

/** A server for all tests of a file. */
export function useTestApp(settings?: Record<string, string>): TestApp {
  const holder = {} as TestApp;
  beforeAll(async () => {
    Object.assign(holder, await startTestApp(settings));
  });
  afterAll(() => holder.close?.());
  return holder;
}

/** Two servers on one database, for all tests of a file. */
export function useTwoTestApps(): [TestApp, TestApp] {
  const [one, two] = [{} as TestApp, {} as TestApp];
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    Object.assign(one, await startTestApp({}, { database }));
    Object.assign(two, await startTestApp({}, { database }));
  });
  afterAll(async () => {
    await one.close?.();
    await two.close?.();
    await database?.drop();
  });
  return [one, two];
}

function callApi(app: FastifyInstance, method: string, url: string, call: Call = {}) {
  const { body, raw, as, headers, ...rest } = call;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return app.inject({
    ...rest,
    method: method as 'GET',
    url,
    headers: {
      ...(as && { authorization: `Bearer ${as.accessToken}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  });
}
