import type { Actor, SessionActor } from '../../auth/actor.ts';
import { isUuid } from '../../auth/uuid.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { announceChange, requireOpenSession } from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { requireFresh } from '../users/fresh-sign-in.service.ts';
import { enqueueNotice } from '../users/notices.service.ts';
import * as repository from './identities.repository.ts';
import { type AccountRow, findAccount, lockAccount } from './matched-accounts.repository.ts';
import { labelOf } from './provider-label.ts';

export type { IdentityRow } from './identities.repository.ts';

/** One of one's own identities. */
export interface OwnIdentity extends repository.IdentityRow {
  label: string;
  /** Whether there is another way to sign in. */
  canUnlink: boolean;
}

/** By which others the actor is known here, the oldest first. */
export async function listOwnIdentities(ctx: Context, actor: SessionActor): Promise<OwnIdentity[]> {
  const { userId } = actor;
  const [account, rows] = await Promise.all([
    findAccount(ctx.db, userId),
    repository.listIdentities(ctx.db, userId),
  ]);
  if (!account) throw new AppError('session.invalid');
  return rows.map((row) => {
    const others = rows.filter(({ id }) => id !== row.id);
    const label = labelOf(ctx, row.provider);
    return { ...row, label, canUnlink: canSignIn(ctx, account, others) };
  });
}

/**
 * Takes an identity from the actor's account, for whoever has just signed in or gives the password. The
 * last way to sign in stays.
 * @throws fresh_sign_in.required, identity.not_found, provider.last_sign_in_method, session.invalid
 */
export async function unlinkIdentity(
  ctx: Context,
  actor: SessionActor,
  id: string,
  password?: string,
): Promise<void> {
  await requireFresh(ctx, actor, password);
  // A malformed id is answered exactly as an absent one.
  if (!isUuid(id)) throw new AppError('identity.not_found');
  await ctx.db.transaction((db) => unlink({ ...ctx, db }, actor, id.toLowerCase()));
}

async function unlink(ctx: Work, actor: SessionActor, id: string): Promise<void> {
  const { db } = ctx;
  const { userId } = actor;
  // One at a time, so that two do not take each other's last.
  if (!(await lockAccount(db, userId))) throw new AppError('session.invalid');
  await requireOpenSession(db, actor);
  const identity = (await repository.listIdentities(db, userId)).find((row) => row.id === id);
  if (!identity) throw new AppError('identity.not_found');
  await repository.deleteIdentity(db, userId, id);
  // What it has shown is shown no longer.
  await repository.deleteOffers(db, userId);
  await requireWayToSignIn(ctx, userId);
  // Whoever remembers whose tokens of another front end are forgets it.
  await announceChange(db, 'user', userId);
  const provider = labelOf(ctx, identity.provider);
  await enqueueNotice(ctx, actor, userId, 'identity_unlinked', { provider });
  await recordUnlinking(db, actor, userId, identity);
}

function recordUnlinking(
  db: Queryable,
  actor: Actor,
  userId: string,
  { provider, issuer, subject, email }: repository.WholeIdentityRow,
): Promise<void> {
  return recordEvent(db, actor, {
    action: 'identity.unlinked',
    target: { kind: 'user', id: userId },
    userId,
    changes: { provider },
    personal: { issuer, subject, email },
  });
}

/**
 * Keeps an account from losing its last way to sign in, as part of a transaction that holds it and has
 * taken identities away.
 * @throws provider.last_sign_in_method, session.invalid
 */
export async function requireWayToSignIn(ctx: Work, userId: string): Promise<void> {
  const account = await findAccount(ctx.db, userId);
  if (!account) throw new AppError('session.invalid');
  const identities = await repository.listIdentities(ctx.db, userId);
  if (!canSignIn(ctx, account, identities)) throw new AppError('provider.last_sign_in_method');
}

/**
 * Whether somebody can sign in to an account: with a password, or by a provider that is enabled at
 * present. What another front end vouches for is no sign-in here.
 */
function canSignIn(
  { config }: Pick<Context, 'config'>,
  account: AccountRow,
  identities: repository.IdentityRow[],
): boolean {
  if (account.has_password && account.email_canonical !== null) return true;
  return identities.some((row) => config.providers.some(({ name }) => name === row.provider));
}
