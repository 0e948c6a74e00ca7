import type { AnonymousActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { findAccountByEmail } from './account.repository.ts';
import { noteRefusal, refusalOf } from './users.service.ts';

/** An account whose address and password somebody knows. */
interface ProvenAccount {
  id: string;
  /** As it was when the password was compared: an account with another has changed since. */
  authVersion: number;
}

/**
 * Checks an address and a password as signing in does, and changes nothing. Whatever is wrong, the
 * state of the account included, one comparison takes place and the answer is the same.
 * @throws credentials.invalid
 */
export async function proveAccount(
  ctx: Context,
  actor: AnonymousActor,
  { email, password }: { email: string; password: string },
): Promise<ProvenAccount> {
  const found = await findAccountByEmail(ctx.db, canonicalEmail(email));
  const isMatch = await ctx.passwords.matches(password, found?.password_hash ?? null);
  const refusal = found && refusalOf(ctx, found, isMatch);
  if (found && refusal === null) return { id: found.id, authVersion: found.auth_version };
  if (found && refusal) {
    // Not waited for: the time taken must not tell that there is such an account.
    void noteRefusal(ctx, actor, found.id, refusal).catch((err) =>
      ctx.log.error({ err }, 'a refused sign-in could not be written to the audit log'),
    );
  }
  ctx.metrics.countSignIn('refused');
  throw new AppError('credentials.invalid');
}
