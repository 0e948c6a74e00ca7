import type { AnonymousActor } from '../../auth/actor.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Context, Work } from '../../context.ts';
import { AppError, type ErrorCode } from '../../errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import {
  countSignIn,
  issueFor,
  type SignedIn,
  type StartedSession,
  startSession,
} from '../sessions/sessions.service.ts';
import { enqueueNotice } from '../users/notices.service.ts';
import { addUser } from '../users/registration.service.ts';
import { findUserByEmail, noteVouchedLogin } from '../users/users.service.ts';
import { markVerified } from '../users/verification.service.ts';
import { attachIdentity, Outrun, renewIdentity, untilSettled } from './attach-identity.service.ts';
import { findOwnerId } from './identities.repository.ts';
import { addressOf, type Match, matchIdentity } from './match-identity.policy.ts';
import { accountsOf } from './matched-accounts.service.ts';
import { labelOf } from './provider-label.ts';
import { takeOver } from './take-over.service.ts';

/** Somebody who comes from a provider. */
interface Visit {
  actor: AnonymousActor;
  identity: ProviderIdentity;
  isRemembered: boolean;
  /** Whether the mailbox may get a link, should the address need one. */
  isMailed: boolean;
}

type Matched<Kind extends Match['kind']> = Extract<Match, { kind: Kind }>;
type Outcome = StartedSession | { refusal: ErrorCode };

/**
 * Signs somebody in by the word of a provider, in the account that is theirs, that becomes theirs, or
 * that is made for them.
 * @throws provider.account_unavailable, provider.link_required, provider.local_sign_in_required,
 * provider.email_required, provider.answer_invalid, registration.closed, user.unverified
 */
export async function signInByIdentity(
  ctx: Context,
  actor: AnonymousActor,
  identity: ProviderIdentity,
  { isRemembered }: { isRemembered: boolean },
): Promise<SignedIn> {
  const started = await countSignIn(ctx, async () => {
    const visit = { actor, identity, isRemembered, isMailed: await takeMail(ctx, identity) };
    const outcome = await untilSettled(() =>
      ctx.db.transaction((db) => enter({ ...ctx, db }, visit)),
    );
    // Refused once what it leaves behind is committed.
    if ('refusal' in outcome) throw new AppError(outcome.refusal);
    return outcome;
  });
  return issueFor(ctx, started);
}

async function enter(ctx: Work, visit: Visit): Promise<Outcome> {
  const { db } = ctx;
  const { actor, identity, isRemembered } = visit;
  const accounts = await accountsOf(db, identity);
  const match = matchIdentity({ ...accounts, identity, session: null, settings: ctx.config });
  if (match.kind === 'refuse') return noteRefusal(ctx, visit, match);
  const userId = await userFor(ctx, visit, match);
  if (match.kind === 'create' && !match.isSignedIn) return { refusal: 'user.unverified' };
  const user = await noteVouchedLogin(db, userId);
  return startSession(ctx, actor, user, { method: identity.provider, isRemembered });
}

/** Makes an account theirs as it has been decided. */
async function userFor(ctx: Work, visit: Visit, match: Match): Promise<string> {
  const { db } = ctx;
  const { actor, identity } = visit;
  switch (match.kind) {
    case 'sign_in':
      if (match.isVerifying) await markVerified(db, actor, match.userId);
      await renewIdentity(db, { userId: match.userId, identity, isUsed: true });
      return match.userId;
    case 'link_and_sign_in': {
      const { userId } = match;
      await attachIdentity(db, actor, { userId, identity, isUsed: true });
      const provider = labelOf(ctx, identity.provider);
      await enqueueNotice(ctx, actor, userId, 'identity_linked', { provider });
      return userId;
    }
    case 'take_over':
      await takeOver(ctx, actor, match.userId, identity);
      return match.userId;
    case 'create':
      return create(ctx, visit, match);
    default:
      throw new Error(`a sign-in cannot end as ${match.kind}`);
  }
}

/** An account without password; as at every registration, an address that nobody has proven gets a link. */
async function create(
  ctx: Work,
  { actor, identity, isMailed }: Visit,
  { email, isVerified }: Matched<'create'>,
): Promise<string> {
  const { db } = ctx;
  const { provider, name, pictureUrl: avatarUrl } = identity;
  const hasEmail = email !== null;
  const user = await addUser(ctx, {
    email,
    name,
    avatarUrl,
    passwordHash: null,
    // Without an address there is none to verify.
    isVerified: isVerified || !hasEmail,
  });
  if (!user) throw new Outrun();
  const target = { kind: 'user' as const, id: user.id };
  const changes = { provider, has_email: hasEmail };
  await recordEvent(db, actor, { action: 'user.registered', target, userId: user.id, changes });
  await attachIdentity(db, actor, { userId: user.id, identity, isUsed: true });
  const address = addressOf(identity);
  if (address !== null && !isVerified && isMailed) {
    await ctx.jobs.enqueue(db, 'mail.verify_email', { email: address });
  }
  return user.id;
}

async function noteRefusal(
  { db }: Work,
  { actor, identity }: Visit,
  { code, concerns }: Matched<'refuse'>,
): Promise<Outcome> {
  if (concerns) {
    const { userId, reason } = concerns;
    await recordEvent(db, actor, {
      action: 'session.refused',
      target: { kind: 'user', id: userId },
      userId,
      changes: { reason, method: identity.provider },
    });
  }
  return { refusal: code };
}

/** Asked before the transaction, and only for who seems to be new here with an address not proven. */
async function takeMail(ctx: Context, identity: ProviderIdentity): Promise<boolean> {
  const address = addressOf(identity);
  if (address === null || identity.isEmailProven || ctx.config.registration === 'closed') {
    return false;
  }
  if ((await findOwnerId(ctx.db, identity)) !== undefined) return false;
  if (await findUserByEmail(ctx, address)) return false;
  return ctx.mailLimit.takeMail(address);
}
