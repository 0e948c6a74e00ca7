import { isEmailAddress } from '../../auth/email-address.ts';
import type { ProviderIdentity } from '../../auth/provider-identity.ts';
import type { ProviderName } from '../../config/providers.ts';
import type { Told } from './provider.ts';
import { BadAnswer } from './provider-failure.ts';

/** OpenID Connect Core §2: at most 255 characters of ASCII. */
const SUBJECT = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const MAX_NAME_LENGTH = 100;
const MAX_PICTURE_URL_LENGTH = 2000;

/**
 * Somebody's identity, out of what a provider says.
 * @throws BadAnswer where it does not say who they are
 */
export function toIdentity(provider: ProviderName, issuer: string, told: Told): ProviderIdentity {
  const { subject } = told;
  if (typeof subject !== 'string' || !SUBJECT.test(subject)) throw new BadAnswer('subject');
  const email = typeof told.email === 'string' && isEmailAddress(told.email) ? told.email : null;
  return {
    provider,
    issuer,
    subject,
    email,
    isEmailProven: email !== null && told.isEmailProven,
    name: nameOf(told.name),
    pictureUrl: pictureUrlOf(told.picture),
  };
}

function nameOf(told: unknown): string | null {
  if (typeof told !== 'string') return null;
  // What goes beyond the limit is cut anyway: no work is done on what is much too long.
  const start = told.slice(0, 10 * MAX_NAME_LENGTH).toWellFormed();
  const words = start.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return [...words].slice(0, MAX_NAME_LENGTH).join('').trim() || null;
}

function pictureUrlOf(told: unknown): string | null {
  if (typeof told !== 'string' || told.length > MAX_PICTURE_URL_LENGTH) return null;
  const url = URL.canParse(told) ? new URL(told) : null;
  if (url?.protocol !== 'https:' || url.username || url.password) return null;
  return url.href.length > MAX_PICTURE_URL_LENGTH ? null : url.href;
}
