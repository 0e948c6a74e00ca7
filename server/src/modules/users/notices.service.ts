import type { Actor, Origin } from '../../auth/actor.ts';
import type { Work } from '../../context.ts';

/** What a person hears of by mail because it touches the safety of their account. */
export const NOTICES = [
  'registration_repeated',
  'password_changed',
  'password_reset',
  'email_change_requested',
  'email_changed',
  'email_changed_by_administrator',
  'account_deleted',
  'account_deleted_by_administrator',
  'account_restored',
  'refresh_token_reused',
  'identity_linked',
  'identity_unlinked',
  'account_taken_over',
  'account_merged',
  'account_merge_undone',
] as const;

export type Notice = (typeof NOTICES)[number];

/** Where an act came from, as it stands in the payload of a job. */
export interface PayloadOrigin {
  address: string | null;
  user_agent: string | null;
}

interface NoticeOptions {
  /** Where the mail goes, if not to the account's present address. */
  email?: string;
  /** What the sign-in provider is called that it is about. */
  provider?: string;
}

/**
 * Tells a person by mail what has happened, as part of the transaction in which it happens. Where it
 * came from is told of their own acts and of strangers', never of an administrator's.
 */
export async function enqueueNotice(
  { jobs, db }: Pick<Work, 'jobs' | 'db'>,
  actor: Actor,
  userId: string,
  notice: Notice,
  options: NoticeOptions = {},
): Promise<void> {
  await jobs.enqueue(db, 'mail.account_notice', {
    user_id: userId,
    notice,
    at: new Date().toISOString(),
    email: options.email ?? null,
    ...(options.provider !== undefined && { provider: options.provider }),
    origin: isTold(actor, userId) ? payloadOrigin(actor.origin) : null,
  });
}

/** The part of an origin that goes into the payload of a job. */
export function payloadOrigin(origin: Origin): PayloadOrigin {
  return { address: origin.address, user_agent: origin.userAgent };
}

function isTold(actor: Actor, userId: string): actor is Actor & { origin: Origin } {
  if (!('origin' in actor)) return false;
  return actor.kind === 'anonymous' || actor.userId === userId;
}
