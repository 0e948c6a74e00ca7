import { isTemporary } from '../../api/problem.ts';
import {
  changeTask,
  deleteTask as requestDelete,
  restoreTask as requestRestore,
  setTaskCompletion,
  type Task,
  type TaskStatus,
} from '../../api/tasks.ts';
import { announce } from '../../shell/announcer.tsx';
import { describeError } from '../../shell/describe-error.ts';
import { commandKeyName } from '../../shell/keyboard.ts';
import { messages } from '../../shell/messages.ts';
import { dismissToast, showToast } from '../../ui/toast-store.ts';
import { deleteOnce } from './delete-once.ts';
import { letRowLeave } from './pending-changes.ts';
import { moveCursorTo } from './task-cursor.ts';
import { sendChange } from './task-sending.ts';
import { rememberUndo } from './undo.ts';

const words = messages.tasks;

/** How long a message with Undo stays, not counting pauses. */
const UNDO_MS = 10_000;

function nowIso(): string {
  return new Date().toISOString();
}

/** Says that something was refused and why; a temporary cause offers to try again. */
export function reportFailure(text: string, error: unknown, tryAgain?: () => void): void {
  showToast({
    tone: 'problem',
    text,
    detail: describeError(error),
    durationMs: null,
    ...(tryAgain && isTemporary(error)
      ? { action: { label: messages.page.tryAgain, run: tryAgain } }
      : {}),
  });
}

function offerUndo(text: string, undo: () => void): void {
  let toastId = 0;
  const undoOnce = rememberUndo(undo, () => dismissToast(toastId));
  toastId = showToast({
    tone: 'note',
    text,
    durationMs: UNDO_MS,
    action: { label: words.undo, keys: [commandKeyName, 'Z'], run: undoOnce },
  });
}

function statusFields(status: TaskStatus): Partial<Task> {
  const completed = status === 'completed';
  return { status, completed, completed_at: completed ? nowIso() : null, updated_at: nowIso() };
}

/** Sets the status, with a way back where a task is completed. */
export function setStatus(task: Task, status: TaskStatus): void {
  if (task.status === status) return;
  void sendStatus(task, status);
  if (status === 'completed') {
    offerUndo(words.completed(task.title), () => {
      void sendStatus({ ...task, ...statusFields(status) }, task.status);
      moveCursorTo(task.id);
    });
  } else {
    announce(task.completed ? words.reopened(task.title) : words.saved(task.title));
  }
}

/** Completes an open task, reopens a completed one. */
export function toggleCompletion(task: Task): void {
  setStatus(task, task.completed ? 'pending' : 'completed');
}

async function sendStatus(task: Task, status: TaskStatus): Promise<void> {
  const fields = statusFields(status);
  letRowLeave(task, { ...task, ...fields });
  try {
    await sendChange({ base: task, fields, request: () => requestStatus(task, status) });
  } catch (error) {
    const { failed } = words;
    const say =
      status === 'completed' ? failed.complete : task.completed ? failed.reopen : failed.save;
    reportFailure(say(task.title), error, () => void sendStatus(task, status));
  }
}

function requestStatus(task: Task, status: TaskStatus): Promise<Task> {
  return status === 'in_progress' || !(task.completed || status === 'completed')
    ? changeTask(task.id, { status })
    : setTaskCompletion(task.id, status === 'completed');
}

/** Moves a task to the trash and offers to take it back. */
export function deleteTask(task: Task): void {
  void sendDelete(task);
  offerUndo(words.deleted(task.title), () => {
    void sendRestore({ ...task, deleted_at: nowIso() });
    moveCursorTo(task.id);
  });
}

async function sendDelete(task: Task): Promise<void> {
  const fields = { deleted_at: nowIso(), updated_at: nowIso() };
  letRowLeave(task, task);
  try {
    await sendChange({ base: task, fields, request: deleteOnce(() => requestDelete(task.id)) });
  } catch (error) {
    reportFailure(words.failed.delete(task.title), error, () => void sendDelete(task));
  }
}

/** Takes a task out of the trash. */
export function restoreTask(task: Task): void {
  void sendRestore(task);
  announce(words.restored(task.title));
}

async function sendRestore(task: Task): Promise<void> {
  letRowLeave(task, { ...task, deleted_at: null });
  try {
    const fields = { deleted_at: null };
    await sendChange({ base: task, fields, request: () => requestRestore(task.id) });
  } catch (error) {
    reportFailure(words.failed.restore(task.title), error, () => void sendRestore(task));
  }
}
