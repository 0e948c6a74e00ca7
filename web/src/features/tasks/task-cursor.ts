import { useSyncExternalStore } from 'react';

/** Which row the keys act on, and whether it is to receive the focus as soon as it is on the page. */
interface Cursor {
  taskId: number | undefined;
  wantsFocus: boolean;
}

let cursor: Cursor = { taskId: undefined, wantsFocus: false };
const listeners = new Set<() => void>();

function setCursor(next: Cursor): void {
  if (next.taskId === cursor.taskId && next.wantsFocus === cursor.wantsFocus) return;
  cursor = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The row that the keys act on. */
export function getCursor(): Cursor {
  return cursor;
}

/** As `getCursor`, kept up to date. */
export function useCursor(): Cursor {
  return useSyncExternalStore(subscribe, getCursor);
}

/** Notes that a row has the focus. */
export function noteCursor(taskId: number): void {
  setCursor({ taskId, wantsFocus: false });
}

/** Sends the focus to a row, now or when it appears. */
export function moveCursorTo(taskId: number): void {
  setCursor({ taskId, wantsFocus: true });
}
