const MAX_LENGTH = 254;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_PART_LENGTH = 64;
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const DOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * Whether a text is an address that mail can be sent to without surprise: ASCII, one `@`, no
 * quoting, comments, blanks or control characters. A subset of RFC 5321's `Mailbox` on purpose,
 * since every further form is a way to smuggle in a second recipient.
 */
export function isEmailAddress(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const [localPart = '', domain = '', ...rest] = text.split('@');
  if (rest.length > 0 || localPart.length > MAX_LOCAL_PART_LENGTH) return false;
  return LOCAL_PART.test(localPart) && DOMAIN.test(domain);
}

/** The form in which two addresses are compared: NFC, trimmed, lower case. */
export function canonicalEmail(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}
