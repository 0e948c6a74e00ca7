import type { AnonymousActor, OperatorActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import { uuidV7 } from '../../auth/uuid.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import { grantDefaultRole } from '../roles/roles.service.ts';
import { enqueueNotice } from './notices.service.ts';
import * as repository from './users.repository.ts';
import { type AuthenticatedUser, noteRefusal } from './users.service.ts';

export interface RegistrationInput {
  email: string;
  password: string;
  name?: string | null;
}

type Registering = AnonymousActor | OperatorActor;
type NewUser = Omit<repository.NewUser, 'id' | 'canonicalEmail'>;

/**
 * Makes an account, `unverified` at first, and mails a link that verifies its address. The password is
 * hashed before anything is looked up, so that the time taken does not tell whether the address is
 * known.
 * @throws registration.closed, user.email_taken
 */
export async function registerUser(
  ctx: Context,
  actor: Registering,
  input: RegistrationInput,
): Promise<repository.UserRow> {
  const user = await tryToRegister(ctx, actor, input, async (_work, { user }) => user);
  if (!user) throw new AppError('user.email_taken');
  return user;
}

/**
 * Makes an account as `registerUser` does, and does what follows from signing in to it in the same
 * transaction. `signedIn` is null where the address is to be verified first.
 * @throws registration.closed, user.email_taken
 */
export async function registerAndSignIn<T>(
  ctx: Context,
  actor: AnonymousActor,
  input: RegistrationInput,
  signIn: (work: Work, user: AuthenticatedUser) => Promise<T>,
): Promise<{ user: repository.UserRow; signedIn: T | null }> {
  const registered = await tryToRegister(ctx, actor, input, async (work, made) => {
    const { id } = made.user;
    if (ctx.config.isVerifiedEmailRequired) {
      await noteRefusal(work, actor, id, 'unverified');
      return { user: made.user, signedIn: null };
    }
    const hash = made.passwordHash;
    const user = await repository.recordLogin(work.db, { id, checkedHash: hash, newHash: hash });
    if (!user) throw new Error('an account is gone in the transaction that made it');
    return { user, signedIn: await signIn(work, user) };
  });
  if (!registered) throw new AppError('user.email_taken');
  return registered;
}

/**
 * Makes an account where the address has none, and tells the owner by mail where it has one: whoever
 * asks learns nothing, and both ways are as long.
 * @throws registration.closed
 */
export async function registerUniformly(
  ctx: Context,
  actor: AnonymousActor,
  input: RegistrationInput,
): Promise<void> {
  await tryToRegister(ctx, actor, input, async () => undefined);
}

/** Adds a user with the role of everybody, as part of a transaction; undefined where the address is taken. */
export async function addUser(
  { db }: Pick<Work, 'db'>,
  input: NewUser,
): Promise<repository.UserRow | undefined> {
  const email = input.email?.normalize('NFC') ?? null;
  const user = await repository.insertUser(db, {
    ...input,
    id: uuidV7(),
    email,
    canonicalEmail: email === null ? null : canonicalEmail(email),
  });
  if (user) await grantDefaultRole(db, user.id);
  return user;
}

interface Made {
  user: repository.UserRow;
  passwordHash: string;
}

/** Does `next` in the transaction that makes the account; undefined where the address is taken. */
async function tryToRegister<T>(
  ctx: Context,
  actor: Registering,
  input: RegistrationInput,
  next: (work: Work, made: Made) => Promise<T>,
): Promise<T | undefined> {
  if (ctx.config.registration === 'closed') throw new AppError('registration.closed');
  const { email, name = null } = input;
  const passwordHash = await ctx.passwords.hash(input.password);
  const canonical = canonicalEmail(email);
  // Who registers people at the command line vouches for their addresses.
  const isMailed = actor.kind === 'anonymous' && (await ctx.mailLimit.takeMail(canonical));
  return ctx.db.transaction(async (db) => {
    const user = await addUser({ db }, { email, name, passwordHash, isVerified: false });
    if (!user) {
      await noteRepetition({ ...ctx, db }, actor, canonical, isMailed);
      return undefined;
    }
    if (isMailed) await ctx.jobs.enqueue(db, 'mail.verify_email', { email: canonical });
    const target = { kind: 'user' as const, id: user.id };
    await recordEvent(db, actor, { action: 'user.registered', target, userId: user.id });
    return next({ ...ctx, db }, { user, passwordHash });
  });
}

async function noteRepetition(
  ctx: Work,
  actor: Registering,
  canonical: string,
  isMailed: boolean,
): Promise<void> {
  if (ctx.config.registration !== 'uniform') return;
  const found = await repository.findCredentials(ctx.db, canonical);
  if (!found) return;
  if (isMailed) await enqueueNotice(ctx, actor, found.id, 'registration_repeated');
  await recordEvent(ctx.db, actor, {
    action: 'user.registration_repeated',
    target: { kind: 'user', id: found.id },
    userId: found.id,
  });
}
