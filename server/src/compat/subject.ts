import type { UserActor } from '../auth/actor.ts';

/** What the caller's own token calls the user: our id, or that of the front end that vouches for them. */
export function subjectOf(actor: UserActor): string {
  return actor.kind === 'foreign' ? actor.subject : actor.userId;
}
