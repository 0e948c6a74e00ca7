import { canonicalEmail, isEmailAddress } from '../../auth/email-address.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { Config } from '../../config/config.ts';
import type { ErrorCode } from '../../errors.ts';

/** What of an account decides who may come in. */
export interface MatchedAccount {
  id: string;
  canonicalEmail: string | null;
  status: 'unverified' | 'active' | 'disabled';
  /** Somebody has proven that the address is theirs. */
  isEmailVerified: boolean;
  isDeleted: boolean;
  /** It may do something that concerns other people. */
  isPrivileged: boolean;
}

/** Somebody who comes from a provider, and everything here that may be theirs. */
export interface Situation {
  identity: Pick<ProviderIdentity, 'issuer' | 'email' | 'isEmailProven'>;
  /** Whose the identity is, whatever the state of the account. */
  owner: MatchedAccount | null;
  /** The account with the same address; a deleted one where no other has it, if it was proven or disabled. */
  namesake: MatchedAccount | null;
  /** Whose session asks for the identity to be connected; null: somebody signs in. */
  session: MatchedAccount | null;
  settings: Pick<Config, 'registration' | 'isVerifiedEmailRequired'>;
}

/** Why somebody is refused; told to the owner of the account. */
export type RefusalReason =
  | 'disabled'
  | 'deleted'
  | 'unverified'
  | 'email_not_proven'
  | 'administrative';

interface Refusal {
  kind: 'refuse';
  code: ErrorCode;
  /** Which account it concerns, and what about it; null: none. */
  concerns: { userId: string; reason: RefusalReason } | null;
}

/** What is to happen. */
export type Match =
  | Refusal
  /** The identity is the account's; `isVerifying`: it proves the address, which nothing had. */
  | { kind: 'sign_in'; userId: string; isVerifying: boolean }
  /** The account becomes the identity's: both have proven the same address. */
  | { kind: 'link_and_sign_in'; userId: string }
  /** Whoever made the account never proved its address: it goes to the one who does. */
  | { kind: 'take_over'; userId: string }
  /** `isSignedIn`: whether the address need not be verified first. */
  | { kind: 'create'; email: string | null; isVerified: boolean; isSignedIn: boolean }
  | { kind: 'link'; userId: string; isVerifying: boolean }
  | { kind: 'already_linked' }
  | { kind: 'taken'; ownerId: string };

/** How issuers begin under which people of another front end are kept. */
const FOREIGN_PREFIX = 'foreign:';

/** What follows from who somebody is at a provider: the one place that decides it. */
export function matchIdentity(situation: Situation): Match {
  const { identity, session } = situation;
  // No provider speaks for the people of another front end.
  if (identity.issuer.startsWith(FOREIGN_PREFIX)) return refuse('provider.answer_invalid');
  return session ? matchForLinking(situation, session) : matchForSignIn(situation);
}

/** The address that an identity brings, as it is compared; null: none that mail can be sent to. */
export function addressOf({ email }: Pick<ProviderIdentity, 'email'>): string | null {
  return email !== null && isEmailAddress(email) ? canonicalEmail(email) : null;
}

function matchForLinking({ identity, owner }: Situation, session: MatchedAccount): Match {
  if (unavailable(session)) return refuse('session.invalid');
  if (owner?.id === session.id) return { kind: 'already_linked' };
  if (owner) {
    // Such an account cannot be merged either.
    return unavailable(owner) ?? { kind: 'taken', ownerId: owner.id };
  }
  return { kind: 'link', userId: session.id, isVerifying: verifies(identity, session) };
}

function matchForSignIn(situation: Situation): Match {
  const { owner, namesake } = situation;
  if (owner) return matchOwner(situation, owner);
  return namesake ? matchNamesake(situation, namesake) : matchNobody(situation);
}

function matchOwner({ identity, settings }: Situation, owner: MatchedAccount): Match {
  const refusal = unavailable(owner);
  if (refusal) return refusal;
  const isVerifying = verifies(identity, owner);
  if (owner.status === 'unverified' && !isVerifying && settings.isVerifiedEmailRequired) {
    return refuse('user.unverified', owner, 'unverified');
  }
  return { kind: 'sign_in', userId: owner.id, isVerifying };
}

function matchNamesake({ identity }: Situation, namesake: MatchedAccount): Match {
  const refusal = unavailable(namesake);
  if (refusal) return refusal;
  if (!proves(identity, namesake)) {
    return refuse('provider.link_required', namesake, 'email_not_proven');
  }
  if (namesake.isPrivileged) {
    return refuse('provider.local_sign_in_required', namesake, 'administrative');
  }
  const isVerified = namesake.isEmailVerified && namesake.status === 'active';
  return { kind: isVerified ? 'link_and_sign_in' : 'take_over', userId: namesake.id };
}

function matchNobody({ identity, settings }: Situation): Match {
  const { registration, isVerifiedEmailRequired } = settings;
  if (registration === 'closed') return refuse('registration.closed');
  const email = addressOf(identity) === null ? null : identity.email;
  if (email === null && isVerifiedEmailRequired) return refuse('provider.email_required');
  const isVerified = email !== null && identity.isEmailProven;
  return { kind: 'create', email, isVerified, isSignedIn: isVerified || !isVerifiedEmailRequired };
}

function unavailable(account: MatchedAccount): Refusal | null {
  const { isDeleted, status } = account;
  if (!isDeleted && status !== 'disabled') return null;
  return refuse('provider.account_unavailable', account, isDeleted ? 'deleted' : 'disabled');
}

/** Whether the provider vouches that the address of the account is the identity's. */
function proves(identity: Situation['identity'], account: MatchedAccount): boolean {
  const address = addressOf(identity);
  return identity.isEmailProven && address !== null && address === account.canonicalEmail;
}

/** Whether the same is news. */
function verifies(identity: Situation['identity'], account: MatchedAccount): boolean {
  return !account.isEmailVerified && proves(identity, account);
}

function refuse(code: ErrorCode, account?: MatchedAccount, reason?: RefusalReason): Refusal {
  const concerns = account && reason ? { userId: account.id, reason } : null;
  return { kind: 'refuse', code, concerns };
}
