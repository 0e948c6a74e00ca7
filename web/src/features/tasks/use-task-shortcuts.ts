import type { Task } from '../../api/tasks.ts';
import { messages } from '../../shell/messages.ts';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { getCursor, moveCursorTo } from './task-cursor.ts';
import type { TaskRow } from './task-projection.ts';
import { undoLatest } from './undo.ts';

const words = messages.shortcuts;

interface TaskShortcutOptions {
  rows: readonly TaskRow[];
  /** The task in the panel while the focus is in there, else nothing. */
  findFocusedTask: () => Task | undefined;
  isListCovered: boolean;
  onAdd: () => void;
  onSearch: () => void;
  onEdit: (task: Task) => void;
  onToggle: (task: Task) => void;
  onDelete: (task: Task) => void;
  /** Closes what is open; `false` when nothing is. */
  onLeave: () => boolean;
}

/** The keys of the tasks page. */
export function useTaskShortcuts(options: TaskShortcutOptions): void {
  const target = () => options.findFocusedTask() ?? cursorTask(options.rows);
  const onTarget = (act: (task: Task) => void) => () => {
    const task = target();
    if (!task) return false;
    act(task);
  };
  const move = (step: number) => (event: KeyboardEvent) => {
    // Arrow keys scroll the page everywhere but in the list.
    const isMeant = !event.key.startsWith('Arrow') || isFocusInList();
    return isMeant && !options.isListCovered && moveCursor(options.rows, step);
  };

  useShortcuts([
    { keys: ['q', 'c'], label: words.add, group: 'anywhere', run: options.onAdd },
    { keys: ['/'], label: words.search, group: 'anywhere', run: options.onSearch },
    { keys: ['z'], withCommand: true, label: words.undo, group: 'anywhere', run: undoLatest },
    { keys: ['Escape'], label: words.leave, group: 'anywhere', run: options.onLeave },
    { keys: ['j', 'ArrowDown'], label: words.next, group: 'list', run: move(1) },
    { keys: ['k', 'ArrowUp'], label: words.previous, group: 'list', run: move(-1) },
    { keys: ['e'], label: words.edit, group: 'list', run: onTarget(options.onEdit) },
    { keys: ['d'], label: words.complete, group: 'list', run: onTarget(options.onToggle) },
    { keys: ['#', 'Delete'], label: words.delete, group: 'list', run: onTarget(options.onDelete) },
  ]);
}

function isFocusInList(): boolean {
  return document.activeElement?.closest('[data-task-list]') != null;
}

function cursorTask(rows: readonly TaskRow[]): Task | undefined {
  const { taskId } = getCursor();
  return rows.find((row) => row.task.id === taskId && !row.isLeaving)?.task;
}

/** Moves the cursor by `step` rows, from the top when it was nowhere; `false` when there are no rows. */
function moveCursor(rows: readonly TaskRow[], step: number): boolean {
  const tasks = rows.filter((row) => !row.isLeaving).map((row) => row.task);
  const index = tasks.findIndex((task) => task.id === getCursor().taskId);
  const isElsewhere = index === -1 || !isFocusInList();
  const next = isElsewhere ? Math.max(index, 0) : index + step;
  const task = tasks[Math.min(Math.max(next, 0), tasks.length - 1)];
  if (task) moveCursorTo(task.id);
  return task !== undefined;
}

/** The task that the cursor goes to when `task` leaves: the one below, else the one above. */
export function neighbourOf(task: Task, rows: readonly TaskRow[]): Task | undefined {
  const tasks = rows.filter((row) => !row.isLeaving).map((row) => row.task);
  const index = tasks.findIndex((other) => other.id === task.id);
  if (index === -1) return undefined;
  return tasks[index + 1] ?? tasks[index - 1];
}
