import { getSession, subscribeSession } from '../../api/session.ts';
import type { Task } from '../../api/tasks.ts';

/**
 * A change that is painted already and not yet confirmed. It lies over what the server has told:
 * confirmed or refused, it is taken away, and what lies below shows.
 */
export interface PendingChange {
  key: number;
  /** The task as it was shown when the change was made; for a new task, as it is to be. */
  base: Task;
  fields: Partial<Task>;
  isNew: boolean;
}

/** A row on its way out: it no longer belongs to the list and stays for the length of its farewell. */
export interface LeavingRow {
  /** The task as the row stood, which fixes its place. */
  before: Task;
  after: Task;
}

export interface Overlay {
  changes: readonly PendingChange[];
  leaving: readonly LeavingRow[];
}

/** As long as the animation of a leaving row; within half a second of the key press, so that nothing jumps later. */
const LEAVING_MS = 360;

const EMPTY: Overlay = { changes: [], leaving: [] };

let overlay: Overlay = EMPTY;
let lastKey = 0;
const listeners = new Set<() => void>();

/** Everything painted ahead of the server, the same object until it changes. */
export function getOverlay(): Overlay {
  return overlay;
}

/** Calls `listener` after each change of the overlay. */
export function subscribeOverlay(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setOverlay(next: Overlay): void {
  overlay = next;
  for (const listener of listeners) listener();
}

/** Paints a change; returns the key by which it is taken away. */
export function addPendingChange(base: Task, fields: Partial<Task>, isNew = false): number {
  lastKey += 1;
  const change: PendingChange = { key: lastKey, base, fields, isNew };
  setOverlay({ ...overlay, changes: [...overlay.changes, change] });
  return lastKey;
}

/** Takes a change away: the server has confirmed or refused it. */
export function removePendingChange(key: number): void {
  setOverlay({ ...overlay, changes: overlay.changes.filter((change) => change.key !== key) });
}

/** Keeps a row for the length of its farewell. */
export function letRowLeave(before: Task, after: Task): void {
  const row: LeavingRow = { before, after };
  const others = overlay.leaving.filter((other) => other.before.id !== before.id);
  setOverlay({ ...overlay, leaving: [...others, row] });
  setTimeout(() => {
    setOverlay({ ...overlay, leaving: overlay.leaving.filter((other) => other !== row) });
  }, LEAVING_MS);
}

/** A task with the unconfirmed changes applied in their order; `undefined` when nothing is known of it. */
export function withPendingChanges(
  task: Task | undefined,
  taskId: number,
  changes: readonly PendingChange[],
): Task | undefined {
  let result = task;
  for (const change of changes) {
    if (change.base.id === taskId) result = { ...(result ?? change.base), ...change.fields };
  }
  return result;
}

subscribeSession(() => {
  if (getSession().kind === 'signed-out') setOverlay(EMPTY);
});
