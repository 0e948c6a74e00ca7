import type { Task, TaskCounts } from '../../api/tasks.ts';
import { type Overlay, type PendingChange, withPendingChanges } from './pending-changes.ts';
import { belongsTo, countKeyOf, type ListScope, matchesSearch, placeFor } from './task-views.ts';

/** A line of the list. */
export interface TaskRow {
  task: Task;
  isLeaving: boolean;
}

/**
 * What a list shows: the server's tasks with everything painted ahead applied.
 * Tasks keep their place while they change, so that nothing jumps away under the pointer.
 */
export function projectRows(known: readonly Task[], overlay: Overlay, scope: ListScope): TaskRow[] {
  const shown = changedTasks(known, overlay.changes).filter((task) => belongsTo(task, scope.view));
  const present = new Set(known.map((task) => task.id));
  for (const task of tasksOnlyInOverlay(overlay.changes, known, present)) {
    if (belongsTo(task, scope.view) && matchesSearch(task, scope.q)) {
      shown.splice(placeFor(task, shown, scope.view), 0, task);
    }
  }
  return withLeavingRows(shown, overlay, scope);
}

function changedTasks(known: readonly Task[], changes: readonly PendingChange[]): Task[] {
  const changedIds = new Set(changes.map((change) => change.base.id));
  return known.map((task) =>
    changedIds.has(task.id) ? (withPendingChanges(task, task.id, changes) ?? task) : task,
  );
}

function tasksOnlyInOverlay(
  changes: readonly PendingChange[],
  known: readonly Task[],
  present: Set<number>,
): Task[] {
  const ids = new Set(changes.map((change) => change.base.id).filter((id) => !present.has(id)));
  const newIds = new Set(changes.filter((change) => change.isNew).map((change) => change.base.id));
  let newest = Math.max(0, ...known.map((task) => Date.parse(task.created_at)));
  return Array.from(ids, (id) => {
    const task = withPendingChanges(undefined, id, changes);
    if (!task || !newIds.has(id)) return task;
    // This machine's clock may be behind the server's; what is added is newer than everything that is there.
    newest = Math.max(newest + 1, Date.parse(task.created_at));
    return { ...task, created_at: new Date(newest).toISOString() };
  }).filter((task) => task !== undefined);
}

function withLeavingRows(shown: readonly Task[], overlay: Overlay, scope: ListScope): TaskRow[] {
  const rows = shown.map((task): TaskRow => ({ task, isLeaving: false }));
  const shownIds = new Set(shown.map((task) => task.id));
  for (const { before, after } of overlay.leaving) {
    const wasHere = belongsTo(before, scope.view) && matchesSearch(before, scope.q);
    if (!wasHere || shownIds.has(before.id)) continue;
    const tasks = rows.map((row) => row.task);
    rows.splice(placeFor(before, tasks, scope.view), 0, { task: after, isLeaving: true });
  }
  return rows;
}

/** The counts with everything painted ahead applied. */
export function projectCounts(counts: TaskCounts, changes: readonly PendingChange[]): TaskCounts {
  return changes.reduce(
    (sum, { base, fields, isNew }) =>
      moveCount(sum, isNew ? undefined : base, { ...base, ...fields }),
    counts,
  );
}

/** The counts after a task went from `before` (`undefined`: it is new) to `after`. */
export function moveCount(counts: TaskCounts, before: Task | undefined, after: Task): TaskCounts {
  const next = { ...counts };
  if (before) next[countKeyOf(before)] -= 1;
  next[countKeyOf(after)] += 1;
  return next;
}
