import { ApiError, isTemporary } from '../../api/problem.ts';
import { getSession, subscribeSession } from '../../api/session.ts';
import { newTaskId } from '../../api/task-id.ts';
import { createTask, type Task } from '../../api/tasks.ts';
import { messages } from '../../shell/messages.ts';
import { reportFailure } from './task-actions.ts';
import { sendChange } from './task-sending.ts';
import {
  forgetUnsentTask,
  keepUnsentTask,
  readUnsentTasks,
  type UnsentTask,
} from './unsent-tasks.ts';

interface TaskAddition {
  userId: string;
  task: UnsentTask;
  /** Takes the title back when the server has refused the task for good. */
  onRefused: (title: string) => void;
  isRepeated?: boolean;
}

/** The new tasks that this page has sent; those that stay unsent are for Try again, or for the next page. */
let sentHere = new Set<number>();

subscribeSession(() => {
  sentHere = new Set();
});

/** Adds a task, which is kept in this browser until the server has confirmed or refused it. */
export function addTask(userId: string, title: string, onRefused: TaskAddition['onRefused']): void {
  const task: UnsentTask = { id: newTaskId(), title };
  keepUnsentTask(userId, task);
  void sendNewTask({ userId, task, onRefused });
}

/** Sends the new tasks that an earlier page has left unsent. */
export function resendTasks(userId: string, onRefused: TaskAddition['onRefused']): void {
  for (const task of readUnsentTasks(userId)) {
    if (!sentHere.has(task.id)) void sendNewTask({ userId, task, onRefused, isRepeated: true });
  }
}

async function sendNewTask(addition: TaskAddition): Promise<void> {
  const { userId, task, onRefused, isRepeated = false } = addition;
  const { id, title } = task;
  sentHere.add(id);
  const now = new Date().toISOString();
  const base: Task = {
    id,
    title,
    description: null,
    status: 'pending',
    completed: false,
    completed_at: null,
    version: 1,
    created_at: now,
    updated_at: now,
    deleted_at: null,
  };
  try {
    const request = () => afterTheLast(() => createOwnTask(userId, task));
    await sendChange({ base, fields: {}, isNew: true, request });
    forgetUnsentTask(userId, id);
  } catch (error) {
    // An earlier attempt has arrived, and the task was changed since.
    const isThere = isRepeated && error instanceof ApiError && error.code === 'task.id_taken';
    if (isThere) return forgetUnsentTask(userId, id);
    // Who has left hears nothing of it here; the task is sent when they are back.
    if (!isSignedIn(userId)) return;
    reportFailure(
      messages.tasks.failed.add(title),
      error,
      () => void sendNewTask({ ...addition, isRepeated: true }),
    );
    if (isTemporary(error) || isSessionOver(error)) return;
    forgetUnsentTask(userId, id);
    onRefused(title);
  }
}

/** How long a new task waits for the answer about the one before it. */
const MOST_WAITING_MS = 2_000;

let lastCreation: Promise<unknown> = Promise.resolve();

/** Runs creations one after another, so that the server lists the tasks in the order in which they were added. */
function afterTheLast<Result>(create: () => Promise<Result>): Promise<Result> {
  const turn = Promise.race([
    lastCreation,
    new Promise((resolve) => setTimeout(resolve, MOST_WAITING_MS)),
  ]);
  const result = turn.then(create);
  lastCreation = result.catch(() => undefined);
  return result;
}

/** A repetition may come up only after somebody else has signed in; the task is not theirs. */
async function createOwnTask(userId: string, task: UnsentTask): Promise<Task> {
  if (!isSignedIn(userId)) throw new ApiError({ status: 401, code: 'session.changed' });
  return createTask(task);
}

function isSignedIn(userId: string): boolean {
  const session = getSession();
  return session.kind === 'signed-in' && session.user.id === userId;
}

function isSessionOver(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
