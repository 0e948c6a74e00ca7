import type pg from 'pg';
import type { AnonymousActor, SessionActor } from '../../src/auth/actor.ts';
import type { ProviderIdentity } from '../../src/auth/provider-identity.ts';
import { uuidV7 } from '../../src/auth/uuid.ts';
import type { Context } from '../../src/context.ts';
import { AppError } from '../../src/errors.ts';
import { signInByIdentity } from '../../src/modules/identities/sign-in-by-identity.service.ts';
import type { Account, TestUser } from './accounts.ts';
import type { TestApp } from './app.ts';

let identityCount = 0;

/** Somebody as Google knows them, without an address, unless told otherwise. */
export function anIdentity(part: Partial<ProviderIdentity> = {}): ProviderIdentity {
  identityCount += 1;
  return {
    provider: 'google',
    issuer: 'https://accounts.google.com',
    subject: `subject-${identityCount}`,
    email: null,
    isEmailProven: false,
    name: null,
    pictureUrl: null,
    ...part,
  };
}

/** Somebody who has proven an address. */
export function aProven(email: string, part: Partial<ProviderIdentity> = {}): ProviderIdentity {
  return anIdentity({ email, isEmailProven: true, ...part });
}

/** Stores an identity as an account's and answers its id. */
export async function addIdentity(
  owner: pg.Client,
  userId: string,
  {
    provider,
    issuer,
    subject,
    email,
    isEmailProven,
  }: Omit<ProviderIdentity, 'provider'> & {
    provider: string;
  } = anIdentity(),
): Promise<string> {
  const id = uuidV7();
  await owner.query(
    `INSERT INTO user_auth_providers (user_id, id, provider, issuer, subject, email, is_email_proven)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [userId, id, provider, issuer, subject, email, isEmailProven],
  );
  return id;
}

/** Somebody at a browser who has not shown who they are. */
export const STRANGER: AnonymousActor = {
  kind: 'anonymous',
  origin: {
    requestId: '0198c2f0-0000-7000-8000-000000000001',
    address: '192.0.2.7',
    userAgent: null,
  },
};

/** A signed-in person, as services know them. */
export function actorFor({ id: userId, sessionId }: TestUser): SessionActor {
  return {
    kind: 'user',
    userId,
    sessionId,
    authenticatedAtSeconds: Math.floor(Date.now() / 1000),
    permissions: new Set(),
    origin: STRANGER.origin,
  };
}

/** Signs in by a provider's word, with other settings where given; answers who is signed in, or the code of the refusal. */
export async function enterBy(
  ctx: Context,
  identity: ProviderIdentity,
  settings: Partial<Context['config']> = {},
): Promise<string> {
  const configured = { ...ctx, config: { ...ctx.config, ...settings } };
  const entering = signInByIdentity(configured, STRANGER, identity, { isRemembered: false });
  return entering.then(({ user }) => user.id, codeOf);
}

/** The code of a refusal. @throws whatever is none */
export function codeOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  throw error;
}

/** What the audit log has about a person: action, changes, and what is personal. */
export async function eventsAbout(owner: pg.Client, userId: string): Promise<unknown[][]> {
  const { rows } = await owner.query(
    `SELECT action, changes, data FROM audit_events LEFT JOIN audit_personal
       ON audit_personal.position = audit_events.position AND part = 'subject'
     WHERE audit_events.user_id = $1 ORDER BY audit_events.position`,
    [userId],
  );
  return rows.map(({ action, changes, data }) => [action, changes, data]);
}

/** An account whose address somebody has proven. */
export async function addVerified(t: TestApp, account: Account = {}) {
  const made = await t.addAccount(account);
  await t.owner.query('UPDATE users SET email_verified_at = now() WHERE id = $1', [made.id]);
  return made;
}

/** Identities of an account as they are stored. */
export async function identityRowsOf(owner: pg.Client, userId: string) {
  const { rows } = await owner.query(
    'SELECT * FROM user_auth_providers WHERE user_id = $1 ORDER BY created_at, id',
    [userId],
  );
  return rows;
}

/** An account as it is stored. */
export async function accountRow(owner: pg.Client, id: string) {
  return (await owner.query('SELECT * FROM users WHERE id = $1', [id])).rows[0];
}
