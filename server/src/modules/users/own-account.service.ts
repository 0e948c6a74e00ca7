import type { AnonymousActor, SessionActor, UserActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context, Work } from '../../context.ts';
import { AppError, invalidField } from '../../errors.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { isTimeZone } from '../../platform/time-zone.ts';
import {
  raiseAuthVersion,
  requireOpenSession,
} from '../account-changes/account-changes.service.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { consumeToken, voidTokens } from '../mailed-tokens/mailed-tokens.service.ts';
import { type Access, accessOf } from '../roles/roles.service.ts';
import * as repository from './account.repository.ts';
import { requireFresh } from './fresh-sign-in.service.ts';
import { enqueueNotice } from './notices.service.ts';
import { requireVersion } from './user-version.service.ts';

/** When a mailbox gets no more mail for now. */
const MAIL_RETRY_SECONDS = 600;

const PROFILE_FIELDS = ['name', 'theme', 'time_zone', 'email_notices', 'pending_email'] as const;

/** One's own account, with what it may do. */
export type OwnAccount = repository.AccountRow & Access;

interface AccountChanges {
  name?: string | null;
  email?: string;
  preferences?: {
    theme?: repository.Theme;
    time_zone?: string | null;
    email_notices?: boolean;
  };
  /** Needed for another address where the sign-in is not fresh. */
  password?: string;
}

/**
 * The actor's own account.
 * @throws session.invalid
 */
export async function getOwnAccount(ctx: Context, actor: UserActor): Promise<OwnAccount> {
  const [account, access] = await Promise.all([
    requireAccount(ctx, actor.userId),
    accessOf(ctx.db, actor.userId),
  ]);
  return { ...account, ...access };
}

/**
 * Changes the parts of the actor's account that are given. Another address takes effect when the link
 * mailed to it has been used; the present one takes such a change back.
 * @param versions those that the change holds for; null: any
 * @throws request.invalid, fresh_sign_in.required, user.email_taken, user.version_mismatch,
 * rate.limited, session.invalid
 */
export async function changeOwnAccount(
  ctx: Context,
  actor: SessionActor,
  changes: AccountChanges,
  versions: number[] | null,
): Promise<OwnAccount> {
  requireTimeZone(changes.preferences?.time_zone);
  const present = await requireAccount(ctx, actor.userId);
  // Before anything is counted or mailed; again under the lock.
  requireVersion(present.version, versions);
  const isOtherEmail =
    changes.email !== undefined && canonicalEmail(changes.email) !== present.email_canonical;
  if (isOtherEmail) await requireChangeOfEmail(ctx, actor, changes.email ?? '', changes.password);
  await ctx.db.transaction(async (db) => {
    const work = { ...ctx, db };
    const before = await repository.lockAccount(db, actor.userId);
    if (!before || before.deleted_at !== null) throw new AppError('session.invalid');
    await requireOpenSession(db, actor);
    requireVersion(before.version, versions);
    const after = profileAfter(before, changes);
    const fields = PROFILE_FIELDS.filter((field) => before[field] !== after[field]);
    if (fields.length > 0) {
      await repository.updateProfile(db, { id: before.id, ...after });
      await recordEvent(db, actor, {
        action: 'user.updated',
        target: { kind: 'user', id: before.id },
        userId: before.id,
        changes: { fields },
      });
    }
    if (isOtherEmail && after.pending_email !== null) {
      await requestChangeOfEmail(work, actor, after.pending_email);
    }
  });
  return getOwnAccount(ctx, actor);
}

/**
 * Puts the new address in the place of the old one, for whoever holds the link that was mailed to it.
 * @throws token.expired_or_unknown, user.email_taken
 */
export async function confirmEmail(
  ctx: Context,
  actor: AnonymousActor,
  token: string,
): Promise<void> {
  try {
    await ctx.db.transaction(async (db) => {
      const work = { ...ctx, db };
      const id = await consumeToken(db, 'change_email', token);
      const before = await repository.lockAccount(db, id);
      if (!before || !(await repository.applyPendingEmail(db, id))) {
        throw new AppError('token.expired_or_unknown');
      }
      await raiseAuthVersion(db, id);
      await voidTokens(db, id);
      const { email } = before;
      if (email !== null) await enqueueNotice(work, actor, id, 'email_changed', { email });
      await recordEvent(db, actor, {
        action: 'email.changed',
        target: { kind: 'user', id },
        userId: id,
        personal: { previous_email: before.email, email: before.pending_email },
      });
    });
  } catch (error) {
    if (constraintOf(error) !== 'users_email_canonical_key') throw error;
    throw new AppError('user.email_taken', { cause: error });
  }
}

/** The address by which attempts on the actor's password are counted; the id where there is none. */
export async function ownCanonicalEmail(ctx: Context, actor: UserActor): Promise<string> {
  return (await requireAccount(ctx, actor.userId)).email_canonical ?? actor.userId;
}

async function requireAccount(ctx: Context, userId: string): Promise<repository.AccountRow> {
  const account = await repository.findAccount(ctx.db, userId);
  // Deleted while it was asked for: what the caller holds is good for nothing any more.
  if (!account || account.deleted_at !== null) throw new AppError('session.invalid');
  return account;
}

/** Where registration tells nobody whether an address is known, this does not either: the link will. */
async function requireChangeOfEmail(
  ctx: Context,
  actor: SessionActor,
  email: string,
  password: string | undefined,
): Promise<void> {
  await requireFresh(ctx, actor, password);
  const canonical = canonicalEmail(email);
  const isTold = ctx.config.registration !== 'uniform';
  if (isTold && (await repository.findIdByEmail(ctx.db, canonical)) !== undefined) {
    throw new AppError('user.email_taken');
  }
  // By the person too, who could have one mail sent to each of many strangers.
  for (const key of [actor.userId, canonical]) {
    if (await ctx.mailLimit.takeMail(key)) continue;
    throw new AppError('rate.limited', { retryAfterSeconds: MAIL_RETRY_SECONDS });
  }
}

/** Mails the link to the new address, and word of it to the old one. */
async function requestChangeOfEmail(ctx: Work, actor: SessionActor, email: string): Promise<void> {
  const { userId } = actor;
  await ctx.jobs.enqueue(ctx.db, 'mail.confirm_email', { user_id: userId });
  await enqueueNotice(ctx, actor, userId, 'email_change_requested');
  await recordEvent(ctx.db, actor, {
    action: 'email.change_requested',
    target: { kind: 'user', id: userId },
    userId,
    personal: { email },
  });
}

function profileAfter(
  before: repository.AccountRow,
  { name, email, preferences = {} }: AccountChanges,
): repository.Profile {
  return {
    name: name === undefined ? before.name : name,
    theme: preferences.theme ?? before.theme,
    time_zone: preferences.time_zone === undefined ? before.time_zone : preferences.time_zone,
    email_notices: preferences.email_notices ?? before.email_notices,
    pending_email: email === undefined ? before.pending_email : pendingAfter(before, email),
  };
}

function pendingAfter(before: repository.AccountRow, email: string): string | null {
  return canonicalEmail(email) === before.email_canonical ? null : email.normalize('NFC');
}

/** @throws request.invalid */
function requireTimeZone(timeZone: string | null | undefined): void {
  if (timeZone === null || timeZone === undefined || isTimeZone(timeZone)) return;
  throw invalidField('/preferences/time_zone', 'must be a time zone such as Europe/Berlin');
}
