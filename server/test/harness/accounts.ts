import type { LightMyRequestResponse } from 'fastify';
import type pg from 'pg';
import { sealRefreshToken } from '../../src/auth/refresh-token.ts';
import { uuidV7 } from '../../src/auth/uuid.ts';
import type { Context } from '../../src/context.ts';

export const TEST_PASSWORD = 'correct horse battery staple';
/** Of `TEST_PASSWORD` with the cost of real accounts. */
export const TEST_PASSWORD_HASH = '$2b$12$Jj6nIlOnMelj.6SKv9CGP.TBGS7le7UkJGdDFdE/LN5oW.p.b/dFy';
/** Of `TEST_PASSWORD` with the least cost, for tests that are about something else. */
const CHEAP_PASSWORD_HASH = '$2b$04$kgVUpJkZv4M8upNqt2p.1uXctOx6W1/B0MI6jwdtA4NCM46sw6zwi';

/** Somebody who is signed in, without the quarter second that hashing a password takes. */
export interface TestUser {
  id: string;
  sessionId: string;
  email: string;
  accessToken: string;
}

export interface Account {
  name?: string;
  status?: 'unverified' | 'active' | 'disabled';
  isDeleted?: boolean;
  /** null: the account has no password. */
  passwordHash?: string | null;
  /** By default `user` alone. */
  roles?: string[];
}

let accountCount = 0;

/** Stores an account, by default one that signs in with `TEST_PASSWORD`. */
export async function addAccount(
  owner: pg.Client,
  account: Account = {},
): Promise<{ id: string; email: string }> {
  accountCount += 1;
  const id = uuidV7();
  const email = `${account.name ?? 'user'}-${accountCount}@example.org`;
  const { status = 'active', isDeleted = false, passwordHash = CHEAP_PASSWORD_HASH } = account;
  await owner.query(
    `INSERT INTO users (id, email, email_canonical, status, password_hash, deleted_at)
     VALUES ($1, $2, $2, $3, $4, CASE WHEN $5::boolean THEN now() END)`,
    [id, email, status, passwordHash, isDeleted],
  );
  await owner.query('INSERT INTO user_roles (user_id, role_name) SELECT $1, unnest($2::text[])', [
    id,
    account.roles ?? ['user'],
  ]);
  return { id, email };
}

/** Begins a session for an account, as a sign-in would. */
export async function addSession(
  ctx: Context,
  owner: pg.Client,
  account: { id: string; email: string },
): Promise<TestUser> {
  const sessionId = uuidV7();
  await owner.query(
    `INSERT INTO sessions (user_id, id, idle_expires_at, absolute_expires_at)
     VALUES ($1, $2, now() + interval '1 day', now() + interval '30 days')`,
    [account.id, sessionId],
  );
  const { rows } = await owner.query(
    `SELECT DISTINCT permission_name AS name FROM user_roles JOIN role_permissions USING (role_name)
     WHERE user_id = $1`,
    [account.id],
  );
  const accessToken = await ctx.accessTokens.issue({
    userId: account.id,
    sessionId,
    authVersion: 1,
    authenticatedAtSeconds: Math.floor(Date.now() / 1000),
    permissions: rows.map((row) => row.name),
  });
  return { ...account, sessionId, accessToken };
}

/** The `Cookie` header that a browser sends for a session that was refreshed `counter` times. */
export function refreshCookie(ctx: Context, user: TestUser, counter = 0): string {
  const { id: userId, sessionId } = user;
  const token = sealRefreshToken(ctx.keys.refreshToken, { userId, sessionId, counter });
  const prefix = ctx.publicUrl.startsWith('https:') ? '__Host-' : '';
  return `${prefix}docket_refresh=${token}`;
}

/** `name=value` of the cookie that an answer sets, as the browser sends it back. */
export function cookieSetBy(response: LightMyRequestResponse): string {
  const header = String(response.headers['set-cookie'] ?? '');
  return header.split(';', 1)[0] ?? '';
}
