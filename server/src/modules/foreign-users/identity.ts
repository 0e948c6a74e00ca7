import type { ForeignClaims } from '../../auth/foreign-token.ts';
import type { Identity } from './foreign-users.repository.ts';

/**
 * Under which names an identity is kept. The front end may write anything into its tokens, so what it
 * calls the issuer never stands alone: it vouches for its own people, not for those of a provider that
 * people sign in with here.
 */
export function identityOf({ issuer, subject }: ForeignClaims): Identity {
  return { issuer: `foreign:${issuer ?? ''}`, subject };
}
