import { type AnonymousActor, type OperatorActor, SYSTEM } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { Queryable } from '../../platform/postgres/database.ts';
import { recordEvent } from '../audit/audit.service.ts';
import * as repository from './users.repository.ts';

export type { UserRow } from './users.repository.ts';

/** A hash may change between comparison and sign-in, such as by another sign-in: then once more. */
const MAX_LOGIN_ATTEMPTS = 2;

/** Why a sign-in was refused; told to the owner of the account, never to whoever tried. */
type Refusal = 'wrong_password' | 'no_password' | 'disabled' | 'unverified';

interface Credentials {
  email: string;
  password: string;
}

/** An account at the moment of signing in. */
export type AuthenticatedUser = repository.UserRow & { auth_version: number };

/**
 * Checks an address and a password, notes the sign-in, and does what follows from it in the same
 * transaction: so that a password changed meanwhile leaves nothing behind. Whatever is wrong (address,
 * password, state of the account), one comparison takes place and the answer is the same; but whoever
 * knows the password may hear that the address is to be verified first. A hash that was brought along
 * from elsewhere gives way to one of our own.
 * @throws credentials.invalid, user.unverified
 */
export async function authenticateUser<T>(
  ctx: Context,
  actor: AnonymousActor | OperatorActor,
  { email, password }: Credentials,
  signIn: (work: Work, user: AuthenticatedUser) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; attempt <= MAX_LOGIN_ATTEMPTS; attempt++) {
    const found = await repository.findCredentials(ctx.db, canonicalEmail(email));
    const checkedHash = found?.password_hash ?? null;
    const isMatch = await ctx.passwords.matches(password, checkedHash);
    if (!found) break;
    const refusal = refusalOf(ctx, found, isMatch);
    if (refusal === 'unverified') {
      await noteRefusal(ctx, actor, found.id, refusal);
      throw new AppError('user.unverified');
    }
    if (refusal !== null || checkedHash === null) {
      // Not waited for: the time taken must not tell that there is such an account.
      void noteRefusal(ctx, actor, found.id, refusal ?? 'no_password').catch((err) =>
        ctx.log.error({ err }, 'a refused sign-in could not be written to the audit log'),
      );
      break;
    }
    const newHash = await renewedHash(ctx, password, checkedHash);
    const signedIn = await noteLogin(ctx, { id: found.id, checkedHash, newHash }, signIn);
    if (signedIn) return signedIn.result;
  }
  throw new AppError('credentials.invalid');
}

/** The account with the canonical address, unless deleted. */
export function findUserByEmail(
  { db }: Pick<Work, 'db'>,
  canonicalEmail: string,
): Promise<repository.UserRow | undefined> {
  return repository.findUserByEmail(db, canonicalEmail);
}

/** The account with the id, unless deleted. */
export function findUser(ctx: Context, id: string): Promise<repository.UserRow | undefined> {
  return repository.findUser(ctx.db, id);
}

/**
 * Notes a sign-in by the word of a provider, as part of the transaction in which it happens, with the
 * account held.
 * @throws session.invalid where the account is deleted or disabled
 */
export async function noteVouchedLogin(db: Queryable, id: string): Promise<AuthenticatedUser> {
  const user = await repository.recordVouchedLogin(db, id);
  if (!user) throw new AppError('session.invalid');
  return user;
}

/** What keeps somebody from signing in to an account, whose password matched or not; null: nothing. */
export function refusalOf(
  ctx: Context,
  user: repository.CredentialsRow,
  isMatch: boolean,
): Refusal | null {
  if (user.password_hash === null) return 'no_password';
  if (!isMatch) return 'wrong_password';
  if (user.status === 'disabled') return 'disabled';
  const isUnverified = user.status === 'unverified' && ctx.config.isVerifiedEmailRequired;
  return isUnverified ? 'unverified' : null;
}

/** Tells the owner of an account, in their activity, that somebody could not sign in to it. */
export function noteRefusal(
  { db }: Pick<Work, 'db'>,
  actor: AnonymousActor | OperatorActor,
  userId: string,
  reason: Refusal,
): Promise<void> {
  return recordEvent(db, actor, {
    action: 'session.refused',
    target: { kind: 'user', id: userId },
    userId,
    changes: { reason },
  });
}

/** A new hash where the old one is outdated; the old one too while there is no time for another. */
async function renewedHash(ctx: Context, password: string, hash: string): Promise<string> {
  if (!ctx.passwords.isOutdated(hash, password)) return hash;
  try {
    return await ctx.passwords.hash(password);
  } catch (error) {
    if (error instanceof AppError && error.code === 'server.overloaded') return hash;
    throw error;
  }
}

/** null: the account or its hash has changed meanwhile. */
function noteLogin<T>(
  ctx: Context,
  login: repository.Login,
  signIn: (work: Work, user: AuthenticatedUser) => Promise<T>,
): Promise<{ result: T } | null> {
  return ctx.db.transaction(async (db) => {
    const user = await repository.recordLogin(db, login);
    if (!user) return null;
    if (login.newHash !== login.checkedHash) {
      await recordEvent(db, SYSTEM, {
        action: 'password.upgraded',
        target: { kind: 'user', id: user.id },
        userId: user.id,
      });
    }
    return { result: await signIn({ ...ctx, db }, user) };
  });
}
