import type { Actor, ForeignActor, OperatorActor, Origin } from '../../auth/actor.ts';
import type { ForeignClaims } from '../../auth/foreign-token.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { addIdentity } from '../identities/attach-identity.service.ts';
import { addUser } from '../users/registration.service.ts';
import type { UserRow } from '../users/users.service.ts';
import type { LiveForeignUser } from './foreign-user-states.ts';
import * as repository from './foreign-users.repository.ts';
import { identityOf } from './identity.ts';

const PROVIDER = 'foreign';

/** Somebody else has added the identity meanwhile: the account made for it is taken back. */
class KnownMeanwhile extends Error {}

/**
 * The account of somebody whom another front end vouches for, made at their first request: without
 * password, with the role of everybody, and with an address only where the token proves one that
 * nobody has. An account that has it already is never touched.
 * @throws token.invalid where nobody gets an account in this way; session.invalid
 */
export async function provisionForeignUser(
  ctx: Context,
  claims: ForeignClaims,
  origin: Origin,
): Promise<LiveForeignUser> {
  if (!ctx.config.foreignTokens?.isProvisioning) throw new AppError('token.invalid');
  try {
    await ctx.db.transaction((db) =>
      addForeignUser({ ...ctx, db }, claims, (userId) => actorOf(userId, claims, origin)),
    );
  } catch (error) {
    if (!(error instanceof KnownMeanwhile)) throw error;
  }
  const user = await ctx.foreignUserStates.find(claims);
  if (!user) throw new AppError('token.invalid');
  return user;
}

/**
 * The account behind an identity, made as at the first request, whatever the settings say about those:
 * for what an operator brings along. null: the account is deleted.
 */
export async function ensureForeignUser(
  ctx: Context,
  actor: OperatorActor,
  name: Pick<ForeignClaims, 'issuer' | 'subject'>,
): Promise<string | null> {
  const claims = { ...name, email: null, name: null, expiresAtSeconds: 0 };
  if (!(await repository.findOwner(ctx.db, identityOf(claims)))) {
    try {
      await ctx.db.transaction((db) => addForeignUser({ ...ctx, db }, claims, () => actor));
    } catch (error) {
      if (!(error instanceof KnownMeanwhile)) throw error;
    }
  }
  const owner = await repository.findOwner(ctx.db, identityOf(claims));
  return owner && !owner.is_deleted ? owner.user_id : null;
}

function actorOf(userId: string, { subject }: ForeignClaims, origin: Origin): ForeignActor {
  return { kind: 'foreign', userId, subject, permissions: new Set(), origin };
}

async function addForeignUser(
  ctx: Work,
  claims: ForeignClaims,
  actorFor: (userId: string) => Actor,
): Promise<void> {
  const { db } = ctx;
  const { email, subject } = claims;
  const user = await addAccount(ctx, claims);
  // The address is what the other front end proves to be theirs, whether or not the account has it.
  const identity = { ...identityOf(claims), email, isEmailProven: email !== null };
  if (!(await addIdentity(db, { ...identity, userId: user.id, provider: PROVIDER }))) {
    throw new KnownMeanwhile();
  }
  await recordEvent(db, actorFor(user.id), {
    action: 'user.provisioned',
    target: { kind: 'user', id: user.id },
    userId: user.id,
    changes: { provider: PROVIDER, has_email: user.email !== null },
    personal: { issuer: claims.issuer, subject, email: user.email },
  });
}

async function addAccount(ctx: Work, { email, name }: ForeignClaims): Promise<UserRow> {
  const account = { name, passwordHash: null, isVerified: true };
  const user =
    (email === null ? undefined : await addUser(ctx, { ...account, email })) ??
    (await addUser(ctx, { ...account, email: null }));
  if (!user) throw new Error('an account without address was not stored');
  return user;
}
