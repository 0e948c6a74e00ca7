import type pg from 'pg';
import type { AnonymousActor, SessionActor } from '../../src/auth/actor.ts';
import type { ProviderIdentity } from '../../src/auth/provider-identity.ts';
import { uuidV7 } from '../../src/auth/uuid.ts';
import type { TestUser } from './accounts.ts';

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
