import type { SessionActor } from '../../auth/actor.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { requireOpenSession } from '../account-changes/account-changes.service.ts';
import { enqueueNotice } from '../users/notices.service.ts';
import { markVerified } from '../users/verification.service.ts';
import { attachIdentity, renewIdentity, untilSettled } from './attach-identity.service.ts';
import { matchIdentity } from './match-identity.policy.ts';
import { holdAccount, ownerOf } from './matched-accounts.service.ts';
import { labelOf } from './provider-label.ts';

/** When a person may connect again for whom that has brought enough mail. */
const MAIL_RETRY_SECONDS = 600;

/** What became of an identity that somebody wants to connect to their account. */
export type Linking =
  | { kind: 'linked' }
  | { kind: 'already_linked' }
  /** It is another account's and stays so. */
  | { kind: 'taken'; ownerId: string };

/**
 * Connects an identity to the actor's account, in the session that asked for it.
 * @throws session.invalid, provider.account_unavailable where it belongs to an account that is
 * disabled or deleted, provider.answer_invalid, rate.limited
 */
export async function linkIdentity(
  ctx: Context,
  actor: SessionActor,
  identity: ProviderIdentity,
): Promise<Linking> {
  // Nobody has proven the address yet that the notices may go to, and they are never left out.
  if (!(await ctx.mailLimit.takeMail(actor.userId))) {
    throw new AppError('rate.limited', { retryAfterSeconds: MAIL_RETRY_SECONDS });
  }
  return untilSettled(() => ctx.db.transaction((db) => link({ ...ctx, db }, actor, identity)));
}

async function link(ctx: Work, actor: SessionActor, identity: ProviderIdentity): Promise<Linking> {
  const { db } = ctx;
  const { userId } = actor;
  const session = await holdAccount(db, userId);
  if (!session) throw new AppError('session.invalid');
  await requireOpenSession(db, actor);
  const owner = await ownerOf(db, identity);
  const situation = { identity, owner, namesake: null, session, settings: ctx.config };
  const match = matchIdentity(situation);
  switch (match.kind) {
    case 'link': {
      await attachIdentity(db, actor, { userId, identity, isUsed: false });
      if (match.isVerifying) await markVerified(db, actor, userId);
      const provider = labelOf(ctx, identity.provider);
      await enqueueNotice(ctx, actor, userId, 'identity_linked', { provider });
      return { kind: 'linked' };
    }
    case 'already_linked':
      await renewIdentity(db, { userId, identity, isUsed: false });
      return match;
    case 'taken':
      return match;
    case 'refuse':
      throw new AppError(match.code);
    default:
      throw new Error(`linking cannot end as ${match.kind}`);
  }
}
