export interface Toast {
  id: number;
  text: string;
  /** A second, quieter line: the reason of a failure. */
  detail?: string;
  tone: 'note' | 'problem';
  action?: { label: string; keys?: string[]; run: () => void };
  /** Milliseconds on screen, not counting pauses; `null` stays until dismissed. */
  durationMs: number | null;
}

/** More than this many at once would cover the page; the oldest goes first. */
const MOST_AT_ONCE = 3;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** The toasts on screen, oldest first; the same array until one comes or goes. */
export function getToasts(): readonly Toast[] {
  return toasts;
}

/** Calls `listener` whenever a toast comes or goes. */
export function subscribeToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setToasts(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Shows a message; returns its id. */
export function showToast(toast: Omit<Toast, 'id'>): number {
  lastId += 1;
  setToasts([...toasts, { ...toast, id: lastId }].slice(-MOST_AT_ONCE));
  return lastId;
}

/** Takes a message away, if it is still there. */
export function dismissToast(id: number): void {
  if (toasts.some((toast) => toast.id === id)) setToasts(toasts.filter((t) => t.id !== id));
}
