import { randomBytes } from 'node:crypto';
import { freePortFrom } from './free-port.ts';
import { type OidcProviderServer, startOidcProvider } from './oidc-provider.ts';

const FIRST_PORT = 3200;
const CLIENT_ID = 'docket';

/** A provider beside the server, and the settings with which the server uses it. */
export interface LocalProvider extends OidcProviderServer {
  settings: Record<string, string>;
}

/** Starts an OpenID provider that knows the server at `publicUrl`; null: the developer names another. */
export async function startLocalProvider(publicUrl: string): Promise<LocalProvider | null> {
  if (process.env.OIDC_ISSUER || process.env.OIDC_CLIENT_ID) return null;
  const secret = randomBytes(32).toString('base64url');
  const redirectUris = [`${publicUrl}/api/v1/auth/oidc/callback`];
  const provider = await startOidcProvider({
    port: await freePortFrom(FIRST_PORT),
    clients: [{ id: CLIENT_ID, secret, redirectUris }],
  });
  return {
    ...provider,
    settings: {
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_CLIENT_SECRET: secret,
      OIDC_LABEL: process.env.OIDC_LABEL ?? 'local provider',
    },
  };
}
