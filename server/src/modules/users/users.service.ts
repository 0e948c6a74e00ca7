import type { AnonymousActor, OperatorActor, UserActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { grantDefaultRole } from '../roles/roles.service.ts';
import * as repository from './users.repository.ts';

export type { UserRow } from './users.repository.ts';

interface RegistrationInput {
  email: string;
  password: string;
  name?: string | null;
}

/**
 * Makes an account, `unverified` at first. The password is hashed before anything is looked up, so
 * that the time taken does not tell whether the address is known.
 * @throws registration.closed, user.email_taken
 */
export async function registerUser(
  ctx: Context,
  actor: AnonymousActor | OperatorActor,
  input: RegistrationInput,
): Promise<repository.UserRow> {
  if (ctx.config.registration === 'closed') throw new AppError('registration.closed');
  const passwordHash = await ctx.passwords.hash(input.password);
  const email = input.email.normalize('NFC');
  try {
    return await ctx.db.transaction(async (db) => {
      const user = await repository.insertUser(db, {
        id: uuidV7(),
        email,
        canonicalEmail: canonicalEmail(email),
        name: input.name ?? null,
        passwordHash,
      });
      await grantDefaultRole(db, user.id);
      const target = { kind: 'user' as const, id: user.id };
      await recordEvent(db, actor, { action: 'user.registered', target, userId: user.id });
      return user;
    });
  } catch (error) {
    if (constraintOf(error) === 'users_email_canonical_key') {
      throw new AppError('user.email_taken', { cause: error });
    }
    throw error;
  }
}

/**
 * Checks an address and a password and notes the sign-in. Whatever is wrong (address, password,
 * state of the account), one comparison takes place and the answer is the same.
 * @throws credentials.invalid
 */
export async function authenticateUser(
  ctx: Context,
  email: string,
  password: string,
): Promise<repository.UserRow & { auth_version: number }> {
  const found = await repository.findCredentials(ctx.db, canonicalEmail(email));
  const isMatch = await ctx.passwords.matches(password, found?.password_hash ?? null);
  const user = isMatch && found ? await repository.recordLogin(ctx.db, found.id) : undefined;
  if (!user) throw new AppError('credentials.invalid');
  return user;
}

/**
 * The actor's own account.
 * @throws user.not_found
 */
export async function getOwnUser(ctx: Context, actor: UserActor): Promise<repository.UserRow> {
  const user = await findUser(ctx, actor.userId);
  if (!user) throw new AppError('user.not_found');
  return user;
}

/** The account with the id, unless deleted. */
export function findUser(ctx: Context, id: string): Promise<repository.UserRow | undefined> {
  return repository.findUser(ctx.db, id);
}
