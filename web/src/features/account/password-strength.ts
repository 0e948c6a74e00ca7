export type Strength = 'weak' | 'fair' | 'good' | 'strong';

const SHORTEST = 8;
const LONGEST_BYTES = 72;

/** Why a new password would be refused, or `undefined`. */
export function passwordProblem(password: string): 'missing' | 'short' | 'long' | undefined {
  if (!password) return 'missing';
  if (Array.from(password).length < SHORTEST) return 'short';
  if (new TextEncoder().encode(password).byteLength > LONGEST_BYTES) return 'long';
  return undefined;
}

/** A rough estimate: what counts is length in characters that are not predictable from the ones before. */
export function passwordStrength(password: string, email: string): Strength {
  const lower = password.toLowerCase();
  const localPart = email.split('@')[0]?.toLowerCase() ?? '';
  const rest = localPart.length > 2 ? lower.replaceAll(localPart, '') : lower;
  const surprises = countSurprises(rest);
  if (surprises < 8) return 'weak';
  if (surprises < 12) return 'fair';
  return surprises < 16 ? 'good' : 'strong';
}

/** Characters that neither repeat the one before nor go on counting (`abc`, `321`). */
function countSurprises(text: string): number {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const surprising = codes.filter((code, index) => {
    const previous = codes[index - 1];
    return previous === undefined || Math.abs(code - previous) > 1;
  });
  const distinct = new Set(surprising).size;
  return Math.min(surprising.length, distinct * 2);
}
