export type { ProviderIdentity } from '../../auth/provider-identity.ts';
