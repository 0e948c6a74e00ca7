import type { ProviderSettings } from '../../config/providers.ts';
import type { OpenIdProvider } from './provider.ts';

type Settings = Extract<ProviderSettings, { name: 'oidc' }>;

/** Any OpenID provider, known by what it publishes about itself. */
export function oidc(settings: Settings): OpenIdProvider {
  const { name, label, iconUrl, clientId, clientSecret, issuer } = settings;
  return {
    kind: 'openid',
    name,
    label,
    iconUrl,
    clientId,
    clientSecret,
    issuer,
    scopes: 'openid email profile',
    freshParameters: { prompt: 'login' },
    hasUserinfo: true,
    read: (claims) => ({
      subject: claims.sub,
      email: claims.email,
      isEmailProven: claims.email_verified === true,
      name: claims.name,
      picture: claims.picture,
    }),
  };
}
