import type { ProviderSettings } from '../../config/providers.ts';
import type { OAuthProvider, ProviderApi } from './provider.ts';
import { BadAnswer } from './provider-failure.ts';

type Settings = Extract<ProviderSettings, { name: 'github' }>;

/** GitHub, or a GitHub Enterprise Server: OAuth 2 without ID tokens. */
export function github({ name, clientId, clientSecret, url }: Settings): OAuthProvider {
  const { origin } = new URL(url);
  const api = origin === 'https://github.com' ? 'https://api.github.com' : `${origin}/api/v3`;
  return {
    kind: 'oauth',
    name,
    label: 'GitHub',
    iconUrl: null,
    clientId,
    clientSecret,
    issuer: origin,
    responseIssuer: `${origin}/login/oauth`,
    authorizationEndpoint: `${origin}/login/oauth/authorize`,
    tokenEndpoint: `${origin}/login/oauth/access_token`,
    scopes: 'read:user user:email',
    freshParameters: { prompt: 'select_account' },
    async read(provider) {
      const user = await provider.get(`${api}/user`);
      if (!isObject(user)) throw new BadAnswer('user');
      const { id, name: fullName, login, avatar_url } = user;
      // A name can be given away and taken by another; the number stays.
      if (!Number.isSafeInteger(id) || (id as number) <= 0) throw new BadAnswer('subject');
      const email = await primaryEmail(provider, `${api}/user/emails?per_page=100`);
      return {
        subject: String(id),
        email,
        isEmailProven: email !== null,
        name: fullName || login,
        picture: avatar_url,
      };
    },
  };
}

/** The one that mail goes to, where GitHub has seen that it is theirs; null also without permission. */
async function primaryEmail(provider: ProviderApi, url: string): Promise<unknown> {
  const rows = (await provider.get(url)) ?? [];
  if (!Array.isArray(rows)) throw new BadAnswer('emails');
  const primary = rows.find(
    (row) => isObject(row) && row.primary === true && row.verified === true,
  );
  return primary?.email ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
