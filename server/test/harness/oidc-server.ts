import {
  type OidcProviderOptions,
  type OidcProviderServer,
  startOidcProvider,
} from '../../../scripts/dev/oidc-provider.ts';

export type { Person } from '../../../scripts/dev/oidc-provider.ts';

export const OIDC_CLIENT_ID = 'docket';
export const OIDC_CLIENT_SECRET = 'of docket at the local provider';

interface OidcServerOptions extends Pick<OidcProviderOptions, 'port' | 'claimsIn'> {
  /** Origin under which the server under test is reached. */
  publicUrl: string;
  /** Registers Docket without a secret. */
  isPublicClient?: boolean;
}

export interface OidcServer extends OidcProviderServer {
  /** What makes Docket use it. */
  settings: Record<string, string>;
}

/** A certified OpenID provider on a port of its own, at which the server under test is registered. */
export async function startOidcServer(options: OidcServerOptions): Promise<OidcServer> {
  const { publicUrl, isPublicClient = false, ...rest } = options;
  const server = await startOidcProvider({
    ...rest,
    clients: [
      {
        id: OIDC_CLIENT_ID,
        ...(!isPublicClient && { secret: OIDC_CLIENT_SECRET }),
        redirectUris: [`${publicUrl}/api/v1/auth/oidc/callback`],
      },
    ],
  });
  return {
    ...server,
    settings: {
      OIDC_ISSUER: server.issuer,
      OIDC_CLIENT_ID,
      ...(!isPublicClient && { OIDC_CLIENT_SECRET }),
      OIDC_LABEL: 'Local',
    },
  };
}
