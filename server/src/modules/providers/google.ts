import type { ProviderSettings } from '../../config/providers.ts';
import type { OpenIdProvider } from './provider.ts';

type Settings = Extract<ProviderSettings, { name: 'google' }>;

/** Google, as OpenID provider. */
export function google({ name, clientId, clientSecret }: Settings): OpenIdProvider {
  return {
    kind: 'openid',
    name,
    label: 'Google',
    iconUrl: null,
    clientId,
    clientSecret,
    issuer: 'https://accounts.google.com',
    scopes: 'openid email profile',
    // It knows no `prompt=login`.
    freshParameters: { prompt: 'select_account' },
    hasUserinfo: false,
    read: (claims) => ({
      subject: claims.sub,
      email: claims.email,
      isEmailProven: claims.email_verified === true,
      name: claims.name,
      picture: claims.picture,
    }),
  };
}
