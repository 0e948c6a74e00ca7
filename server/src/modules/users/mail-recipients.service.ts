import type { Context } from '../../context.ts';
import { findAccount, findIdByEmail } from './account.repository.ts';
import type { UserStatus } from './users.repository.ts';

/** A person as mails address them. */
export interface MailRecipient {
  userId: string;
  name: string | null;
  /** null: there is no address to write to. */
  email: string | null;
  pendingEmail: string | null;
  status: UserStatus;
  isDeleted: boolean;
}

/** Whom to write to about an account, deleted or not; null where there is none. */
export async function findRecipient(ctx: Context, userId: string): Promise<MailRecipient | null> {
  const account = await findAccount(ctx.db, userId);
  if (!account) return null;
  return {
    userId,
    name: account.name,
    email: account.email,
    pendingEmail: account.pending_email,
    status: account.status,
    isDeleted: account.deleted_at !== null,
  };
}

/** The same by canonical address, of accounts that are not deleted. */
export async function findRecipientByEmail(
  ctx: Context,
  canonicalEmail: string,
): Promise<MailRecipient | null> {
  const userId = await findIdByEmail(ctx.db, canonicalEmail);
  return userId === undefined ? null : findRecipient(ctx, userId);
}
