/** The description of `If-Match`, for routes that honour it. */
export const IF_MATCH_HEADER = {
  'if-match': {
    type: 'string',
    description: 'The `ETag` that the change holds for; with another the answer is 412.',
  },
};

/** The description of `If-None-Match`, for routes that honour it. */
export const IF_NONE_MATCH_HEADER = {
  'if-none-match': {
    type: 'string',
    description: 'The `ETag` that is known already; the answer to the same is 304.',
  },
};

/** The schema of a request's headers. */
export function headersOf(...properties: Record<string, object>[]) {
  return { type: 'object', properties: Object.assign({}, ...properties) };
}

/** The entity tag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The versions that `If-Match` allows; null where anything goes (no header, or `*`). A weak tag
 * counts as its strong form, since compressing proxies weaken tags on their way.
 */
export function versionsOfIfMatch(header: string | undefined): number[] | null {
  if (header === undefined || header.trim() === '*') return null;
  return tagsOf(header);
}

/** Whether `If-None-Match` names the version, so that 304 is the answer. */
export function isNotModified(header: string | undefined, version: number): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || tagsOf(header).includes(version);
}

function tagsOf(header: string): number[] {
  return [...header.matchAll(/(?:W\/)?"(\d{1,9})"/g)].map((match) => Number(match[1]));
}
