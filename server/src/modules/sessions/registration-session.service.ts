import type { AnonymousActor } from '../../auth/actor.ts';
import type { Context } from '../../context.ts';
import { type RegistrationInput, registerAndSignIn } from '../users/registration.service.ts';
import type { UserRow } from '../users/users.service.ts';
import { issueFor, type SignedIn, startSession } from './sessions.service.ts';

/**
 * Makes an account and begins a session of it. `signedIn` is null where the address is to be verified
 * first.
 * @throws registration.closed, user.email_taken
 */
export async function registerWithSession(
  ctx: Context,
  actor: AnonymousActor,
  input: RegistrationInput,
): Promise<{ user: UserRow; signedIn: SignedIn | null }> {
  const sign = { method: 'password', isRemembered: false } as const;
  const { user, signedIn: started } = await registerAndSignIn(ctx, actor, input, (work, account) =>
    startSession(work, actor, account, sign),
  );
  ctx.metrics.countSignIn(started ? 'success' : 'unverified');
  return { user, signedIn: started && (await issueFor(ctx, started)) };
}
