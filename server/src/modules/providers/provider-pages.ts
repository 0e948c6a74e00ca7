import type { ErrorCode } from '../../errors.ts';

/** Where people connect providers, and hear what came of it. */
export const SETTINGS_PAGE = '/settings/security';

/** The page that explains why somebody could not sign in with a provider. */
export function signInProblemPage(provider: string, code: ErrorCode): string {
  return `/login/problem?${new URLSearchParams({ code, provider })}`;
}

/** The page that explains why a provider could not be connected. */
export function linkProblemPage(provider: string, code: ErrorCode): string {
  return `${SETTINGS_PAGE}?${new URLSearchParams({ problem: code, provider })}`;
}
