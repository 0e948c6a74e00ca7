import {
  type AnonymousActor,
  type OperatorActor,
  SYSTEM,
  type UserActor,
} from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { constraintOf } from '../../platform/postgres/errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { grantDefaultRole } from '../roles/roles.service.ts';
import * as repository from './users.repository.ts';

export type { UserRow } from './users.repository.ts';

/** A hash may change between comparison and sign-in, such as by another sign-in: then once more. */
const MAX_LOGIN_ATTEMPTS = 2;

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
 * state of the account), one comparison takes place and the answer is the same. A hash that was
 * brought along from elsewhere gives way to one of our own.
 * @throws credentials.invalid
 */
export async function authenticateUser(
  ctx: Context,
  email: string,
  password: string,
): Promise<repository.UserRow & { auth_version: number }> {
  for (let attempt = 1; attempt <= MAX_LOGIN_ATTEMPTS; attempt++) {
    const found = await repository.findCredentials(ctx.db, canonicalEmail(email));
    const checkedHash = found?.password_hash ?? null;
    const isMatch = await ctx.passwords.matches(password, checkedHash);
    if (!isMatch || !found || checkedHash === null || found.status === 'disabled') break;
    const newHash = await renewedHash(ctx, password, checkedHash);
    const user = await noteLogin(ctx, { id: found.id, checkedHash, newHash });
    if (user) return user;
  }
  throw new AppError('credentials.invalid');
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

function noteLogin(ctx: Context, login: repository.Login) {
  if (login.newHash === login.checkedHash) return repository.recordLogin(ctx.db, login);
  return ctx.db.transaction(async (tx) => {
    const user = await repository.recordLogin(tx, login);
    if (user) {
      await recordEvent(tx, SYSTEM, {
        action: 'password.upgraded',
        target: { kind: 'user', id: user.id },
        userId: user.id,
      });
    }
    return user;
  });
}
