/** With what a provider, or whoever leads back from one, opened the settings. */
export type Arrival =
  | { kind: 'linked'; provider: string; isAlready: boolean }
  | { kind: 'problem'; code: string; provider: string | undefined; mergeToken: string | undefined }
  | { kind: 'fresh' };

const MERGE = /^#?merge=([\w-]+)$/;

/** Held here instead of in the address, which is shared and kept in the history. A reload loses it. */
let kept: Arrival | undefined;

/** Takes over what an address says, if it says anything; then the address is to lose it. */
export function keepArrival(search: Record<string, unknown>, hash: string): boolean {
  const { linked, already, problem, provider, fresh } = search;
  const mergeToken = MERGE.exec(hash)?.[1];
  if (typeof linked === 'string') {
    kept = { kind: 'linked', provider: linked, isAlready: already === 'true' };
  } else if (typeof problem === 'string' || mergeToken) {
    kept = {
      kind: 'problem',
      code: typeof problem === 'string' ? problem : 'provider.identity_taken',
      provider: typeof provider === 'string' ? provider : undefined,
      mergeToken,
    };
  } else if (fresh === 'true') {
    kept = { kind: 'fresh' };
  }
  return Object.keys(search).length > 0 || hash !== '';
}

/** How the settings were opened, until they are left. */
export function keptArrival(): Arrival | undefined {
  return kept;
}

/** Forgets it. */
export function forgetArrival(): void {
  kept = undefined;
}
