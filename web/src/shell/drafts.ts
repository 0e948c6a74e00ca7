/** Where text is kept that a person has typed and not sent: by person and by place, in this browser only. */
const PREFIX = 'docket.draft';

/** Stands in where the browser refuses storage; then drafts live as long as the tab. */
const memory = new Map<string, string>();

function keyOf(userId: string, place: string): string {
  return `${PREFIX}.${userId}.${place}`;
}

/** The text kept for a place, or `undefined`. */
export function readDraft(userId: string, place: string): string | undefined {
  const key = keyOf(userId, place);
  try {
    return localStorage.getItem(key) ?? memory.get(key);
  } catch {
    return memory.get(key);
  }
}

/** Keeps `text` for a place; an empty text forgets it. */
export function writeDraft(userId: string, place: string, text: string): void {
  const key = keyOf(userId, place);
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
    memory.delete(key);
  } catch {
    if (text) memory.set(key, text);
    else memory.delete(key);
  }
}

/** The places of a person, among those that begin with `prefix`, for which a text is kept. */
export function findDraftPlaces(userId: string, prefix: string): string[] {
  const start = keyOf(userId, '');
  const keys = new Set(memory.keys());
  try {
    for (const key of Object.keys(localStorage)) keys.add(key);
  } catch {
    // The browser refuses storage: there is only the memory.
  }
  return [...keys]
    .filter((key) => key.startsWith(start + prefix))
    .map((key) => key.slice(start.length));
}
