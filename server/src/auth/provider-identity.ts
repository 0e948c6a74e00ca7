import type { ProviderName } from '../config/providers.ts';

/** Somebody as a sign-in provider knows them, after its answer has been checked. */
export interface ProviderIdentity {
  provider: ProviderName;
  issuer: string;
  /** What the provider calls them, for good; with the issuer, who they are. Never the address. */
  subject: string;
  /** As the provider writes it; null: none, or none that is an address. */
  email: string | null;
  /** Whether the provider vouches that the address is theirs. */
  isEmailProven: boolean;
  name: string | null;
  pictureUrl: string | null;
}
