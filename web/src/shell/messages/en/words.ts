const plurals = new Intl.PluralRules('en');

/** A number with the thing that is counted. */
export function count(n: number, one: string, other: string): string {
  return `${n.toLocaleString('en')} ${plurals.select(n) === 'one' ? one : other}`;
}

/** Somebody's own words within ours. */
export const quoted = (title: string) => `“${title}”`;
