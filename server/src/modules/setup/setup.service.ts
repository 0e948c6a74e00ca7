import type { Actor, AnonymousActor, OperatorActor } from '../../auth/actor.ts';
import { canonicalEmail } from '../../auth/email-address.ts';
import { hashOneTimeToken, linkWithToken, newOneTimeToken } from '../../auth/one-time-token.ts';
import type { Context, Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { recordEvent } from '../audit/audit.service.ts';
import {
  hasAdministrator,
  hasAdministratorLocked,
  makeAdministrator,
} from '../roles/administrators.service.ts';
import { addUser } from '../users/registration.service.ts';
import { findUserByEmail, type UserRow } from '../users/users.service.ts';
import * as repository from './setup.repository.ts';

interface Administrator {
  email: string;
  password: string;
  name?: string | null;
}

/**
 * Makes a link with which the first administrator can be made; null where there is one. Servers that
 * start together may each make one, of which the first use voids all.
 */
export async function mintSetupLink(ctx: Context): Promise<string | null> {
  if (await hasAdministrator(ctx.db)) return null;
  const token = newOneTimeToken();
  await repository.insertToken(ctx.db, hashOneTimeToken(token));
  return linkWithToken(ctx.publicUrl, 'setup', token);
}

/**
 * Makes the first administrator, for whoever holds a link that a server has printed.
 * @throws token.expired_or_unknown, user.email_taken
 */
export async function setUp(
  ctx: Context,
  actor: AnonymousActor,
  { token, ...input }: Administrator & { token: string },
): Promise<UserRow> {
  const tokenHash = hashOneTimeToken(token);
  await requireUsable(ctx, tokenHash, await hasAdministrator(ctx.db));
  const passwordHash = await ctx.passwords.hash(input.password);
  return ctx.db.transaction(async (db) => {
    const work = { ...ctx, db };
    await requireUsable(work, tokenHash, await hasAdministratorLocked(db));
    const user = await addAdministrator(work, actor, { ...input, passwordHash });
    await repository.deleteTokens(db);
    return user;
  });
}

/**
 * Makes an active, verified administrator at the command line.
 * @throws user.email_taken
 */
export async function createAdministrator(
  ctx: Context,
  actor: OperatorActor,
  input: Administrator,
): Promise<UserRow> {
  const passwordHash = await ctx.passwords.hash(input.password);
  return ctx.db.transaction((db) =>
    addAdministrator({ ...ctx, db }, actor, { ...input, passwordHash }),
  );
}

/** What became of a user who was to be an administrator. */
export type Promotion = 'promoted' | 'already' | 'unverified' | 'disabled' | 'absent';

/**
 * Makes a user an administrator, at the command line. Refused for an address that nobody has proven:
 * whoever has registered it may not be whom the operator means.
 */
export function promote(ctx: Context, actor: OperatorActor, email: string): Promise<Promotion> {
  return ctx.db.transaction(async (db) => {
    const user = await findUserByEmail({ ...ctx, db }, canonicalEmail(email));
    if (!user) return 'absent';
    if (user.status !== 'active') return user.status;
    return (await makeAdministrator(db, actor, user.id)) ? 'promoted' : 'already';
  });
}

async function requireUsable(ctx: Work, tokenHash: Buffer, hasOneAlready: boolean): Promise<void> {
  if (hasOneAlready || !(await repository.hasToken(ctx.db, tokenHash))) {
    throw new AppError('token.expired_or_unknown');
  }
}

async function addAdministrator(
  ctx: Work,
  actor: Actor,
  input: { email: string; name?: string | null; passwordHash: string },
): Promise<UserRow> {
  const { email, name = null, passwordHash } = input;
  const user = await addUser(ctx, { email, name, passwordHash, isVerified: true });
  if (!user) throw new AppError('user.email_taken');
  await recordEvent(ctx.db, actor, {
    action: 'user.set_up',
    target: { kind: 'user', id: user.id },
    userId: user.id,
  });
  await makeAdministrator(ctx.db, actor, user.id);
  return user;
}
