import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { uuidV7 } from '../../src/auth/uuid.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { collectSettings } from '../../src/config/env.ts';
import { type Context, createContext } from '../../src/context.ts';
import { createLog } from '../../src/platform/log.ts';
import { createTestDatabase } from './database.ts';

export const TEST_ORIGIN = 'http://localhost:3000';
export const TEST_SECRET_KEY = 'a secret key for tests, long enough';

/** Somebody who is signed in, without the quarter second that hashing a password takes. */
export interface TestUser {
  id: string;
  sessionId: string;
  email: string;
  accessToken: string;
}

type Call = Omit<InjectOptions, 'method' | 'url' | 'payload' | 'body'> & {
  body?: unknown;
  as?: TestUser;
};

/** A server on a database of its own, called without a socket. */
export interface TestApp {
  app: FastifyInstance;
  ctx: Context;
  /** A connection as the owner, to look at rows and to move times. */
  owner: pg.Client;
  /** Calls the API; a body is sent as JSON, `as` adds the person's access token. */
  call(method: string, url: string, call?: Call): Promise<LightMyRequestResponse>;
  /** Makes somebody with a session. */
  signIn(name?: string): Promise<TestUser>;
  close(): Promise<void>;
}

const NO_LIMITS = { RATE_LIMIT_DEFAULT: 'off', RATE_LIMIT_AUTH: 'off', RATE_LIMIT_USER: 'off' };

/** Starts a server with settings on top of the defaults; limits are off unless set. */
export async function startTestApp(settings: Record<string, string> = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const config: Config = loadConfig(collectSettings({ ...NO_LIMITS, ...settings }));
  const ctx = createContext({
    config,
    log: createLog('silent'),
    publicUrl: config.publicUrl ?? TEST_ORIGIN,
    secretKey: TEST_SECRET_KEY,
    connection: database.serving,
    directConnection: database.serving,
  });
  await ctx.start();
  const app = await buildApp(ctx);
  await app.ready();
  const owner = new pg.Client(database.owner);
  await owner.connect();
  return {
    app,
    ctx,
    owner,
    call: (method, url, call) => callApi(app, method, url, call),
    signIn: (name) => signIn(ctx, owner, name),
    async close() {
      await app.close();
      await ctx.close();
      await owner.end();
      await database.drop();
    },
  };
}

/** A server for all tests of a file. */
export function useTestApp(settings?: Record<string, string>): TestApp {
  const holder = {} as TestApp;
  beforeAll(async () => {
    Object.assign(holder, await startTestApp(settings));
  });
  afterAll(() => holder.close());
  return holder;
}

function callApi(app: FastifyInstance, method: string, url: string, call: Call = {}) {
  const { body, as, headers, ...rest } = call;
  return app.inject({
    ...rest,
    method: method as 'GET',
    url,
    headers: {
      ...(as && { authorization: `Bearer ${as.accessToken}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
}

let userCount = 0;

async function signIn(ctx: Context, owner: pg.Client, name?: string): Promise<TestUser> {
  userCount += 1;
  const id = uuidV7();
  const sessionId = uuidV7();
  const email = `${name ?? 'user'}-${userCount}@example.org`;
  await owner.query('INSERT INTO users (id, email, email_canonical) VALUES ($1, $2, $2)', [
    id,
    email,
  ]);
  await owner.query(
    `INSERT INTO sessions (user_id, id, idle_expires_at, absolute_expires_at)
     VALUES ($1, $2, now() + interval '1 day', now() + interval '30 days')`,
    [id, sessionId],
  );
  const accessToken = await ctx.accessTokens.issue({
    userId: id,
    sessionId,
    authVersion: 1,
    authenticatedAtSeconds: Math.floor(Date.now() / 1000),
  });
  return { id, sessionId, email, accessToken };
}
