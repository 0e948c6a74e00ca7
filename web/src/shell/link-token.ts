/**
 * Tokens of mailed links, by page. They come in the fragment, which no server sees, and move from the address
 * bar to here, so that they are neither shared with the address nor kept in the history. A reload loses them.
 */
const tokens = new Map<string, string>();

/** Keeps the token with which a page was opened. */
export function keepLinkToken(pathname: string, token: string): void {
  tokens.set(pathname, token);
}

/** The token with which a page was opened last, until it is left. */
export function linkTokenOf(pathname: string): string | undefined {
  return tokens.get(pathname);
}

/** Forgets all tokens. */
export function forgetLinkTokens(): void {
  tokens.clear();
}
