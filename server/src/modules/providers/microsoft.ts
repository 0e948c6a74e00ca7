import type { ProviderSettings } from '../../config/providers.ts';
import type { Claims, OpenIdProvider } from './provider.ts';
import { BadAnswer } from './provider-failure.ts';

type Settings = Extract<ProviderSettings, { name: 'microsoft' }>;

const ORIGIN = 'https://login.microsoftonline.com';
/** Where personal accounts live. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const TENANT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WITHOUT_TENANT = ['common', 'organizations', 'consumers'];
/** The forms in which `xms_edov` says yes; it is documented as boolean and comes as others. */
const YES: readonly unknown[] = [true, 1, '1', 'true'];

/** Microsoft Entra ID and personal Microsoft accounts. Who somebody is depends on the tenant. */
export function microsoft(settings: Settings): OpenIdProvider {
  const { name, clientId, clientSecret } = settings;
  const tenant = settings.tenant.toLowerCase();
  const isPinned = !WITHOUT_TENANT.includes(tenant) && tenant !== CONSUMERS;
  return {
    kind: 'openid',
    name,
    label: 'Microsoft',
    iconUrl: null,
    clientId,
    clientSecret,
    issuer: `${ORIGIN}/${tenant}/v2.0`,
    scopes: 'openid email profile',
    freshParameters: { prompt: 'login' },
    hasUserinfo: false,
    read(claims) {
      requireTenant(claims, tenant);
      return {
        subject: claims.sub,
        email: claims.email,
        isEmailProven: isPinned || YES.includes(claims.xms_edov),
        name: claims.name,
        // Needs another API and one more permission.
        picture: null,
      };
    },
  };
}

/** The library has compared the issuer with one made of `tid`; here it is which tenant that may be. */
function requireTenant({ iss, tid }: Claims, tenant: string): void {
  const isReal = typeof tid === 'string' && TENANT_ID.test(tid) && iss === `${ORIGIN}/${tid}/v2.0`;
  const isWanted =
    (tenant === 'consumers' && tid === CONSUMERS) ||
    (tenant === 'organizations' && tid !== CONSUMERS) ||
    tenant === 'common' ||
    tenant === tid ||
    // Microsoft's answer to discovery has said which one a domain belongs to.
    tenant.includes('.');
  if (!isReal || !isWanted) throw new BadAnswer('tenant');
}
