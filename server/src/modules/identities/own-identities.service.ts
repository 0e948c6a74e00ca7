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
  return rows.map((row) => ({
    ...row,
    label: labelOf(ctx, row.provider),
    canUnlink: canSignInWithout(ctx, account, rows, row.id),
  }));
}

/** By which others a person is known here, for administrators. */
export function identitiesOf(db: Queryable, userId: string): Promise<repository.IdentityRow[]> {
  return repository.listIdentities(db, userId);
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
  const account = await lockAccount(db, userId);
  if (!account) throw new AppError('session.invalid');
  await requireOpenSession(db, actor);
  const identities = await repository.listIdentities(db, userId);
  const identity = identities.find((row) => row.id === id);
  if (!identity) throw new AppError('identity.not_found');
  if (!canSignInWithout(ctx, account, identities, id)) {
    throw new AppError('provider.last_sign_in_method');
  }
  await repository.deleteIdentity(db, userId, id);
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
 * Whether somebody can sign in without one of their identities: with a password, or by a provider that
 * is enabled at present. What another front end vouches for is no sign-in here.
 */
function canSignInWithout(
  { config }: Pick<Context, 'config'>,
  account: AccountRow,
  identities: repository.IdentityRow[],
  id: string,
): boolean {
  if (account.has_password && account.email_canonical !== null) return true;
  const enabled = new Set<string>(config.providers.map(({ name }) => name));
  return identities.some((row) => row.id !== id && enabled.has(row.provider));
}
