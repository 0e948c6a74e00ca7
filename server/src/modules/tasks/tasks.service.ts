import type { UserActor } from '../../auth/actor.ts';
import type { Work } from '../../context.ts';
import { AppError } from '../../errors.ts';
import * as bulk from './bulk-tasks.repository.ts';
import { newTaskId } from './task-id.ts';
import type { TaskRow, TaskStatus } from './tasks.repository.ts';
import * as repository from './tasks.repository.ts';

export type { TaskRow, TaskStatus } from './tasks.repository.ts';

/** Two ids of one user collide once in 4096 tasks of the same millisecond. */
const MAX_ID_ATTEMPTS = 10;
const NO_COUNTS = { pending: 0, in_progress: 0, completed: 0, trashed: 0 };

interface NewTaskInput {
  title: string;
  description?: string | null;
  status?: TaskStatus;
  id?: number;
}

/** The fields of a task to change; one left out stays. */
export interface TaskChangeInput {
  title?: string;
  /** null clears it. */
  description?: string | null;
  status?: TaskStatus;
  /** Completes or reopens, as far as the task is not so already; `status` says more and goes before. */
  completed?: boolean;
}

/** The versions of `If-Match`; null: any. */
type Versions = number[] | null;

/**
 * Makes a task. With an id of the client's, repeating the same content finds the task made before.
 * @throws task.id_taken
 */
export async function createTask(
  ctx: Work,
  actor: UserActor,
  input: NewTaskInput,
): Promise<{ task: TaskRow; isNew: boolean }> {
  const content = {
    userId: actor.userId,
    title: input.title,
    description: input.description || null,
    status: input.status ?? ('pending' as const),
  };
  if (input.id === undefined) return { task: await insertWithNewId(ctx, content), isNew: true };
  const task = { ...content, id: input.id };
  const inserted = await repository.insertTask(ctx.db, task);
  if (inserted) return { task: inserted, isNew: true };
  const existing = await repository.findTask(ctx.db, task);
  const isSame =
    existing?.title === task.title &&
    existing.description === task.description &&
    existing.status === task.status;
  if (!isSame) throw new AppError('task.id_taken');
  return { task: existing, isNew: false };
}

/**
 * One task of the actor, in the trash or not.
 * @throws task.not_found
 */
export async function getTask(ctx: Work, actor: UserActor, id: number): Promise<TaskRow> {
  const task = await repository.findTask(ctx.db, { userId: actor.userId, id });
  if (!task) throw new AppError('task.not_found');
  return task;
}

/**
 * One task of the actor outside the trash.
 * @throws task.not_found
 */
export async function getTaskOutsideTrash(
  ctx: Work,
  actor: UserActor,
  id: number,
): Promise<TaskRow> {
  const task = await getTask(ctx, actor, id);
  if (task.deleted_at !== null) throw new AppError('task.not_found');
  return task;
}

/**
 * Changes the given fields of a task.
 * @throws task.not_found, also for one in the trash; task.version_mismatch
 */
export async function changeTask(
  ctx: Work,
  actor: UserActor,
  id: number,
  input: TaskChangeInput,
  versions: Versions,
): Promise<TaskRow> {
  const target = { userId: actor.userId, id };
  const task = await repository.updateTask(ctx.db, {
    ...target,
    versions,
    title: input.title ?? null,
    hasDescription: input.description !== undefined,
    description: input.description || null,
    status: input.status ?? null,
    isCompleted: input.status === undefined ? (input.completed ?? null) : null,
  });
  return task ?? refuse(ctx, target);
}

/**
 * Completes a task, or reopens it as `pending`; doing so again changes nothing, and an open task
 * keeps the status that it has.
 * @throws task.not_found, also for one in the trash; task.version_mismatch
 */
export async function setCompletion(
  ctx: Work,
  actor: UserActor,
  id: number,
  isCompleted: boolean,
  versions: Versions,
): Promise<TaskRow> {
  const target = { userId: actor.userId, id, versions };
  return (
    (await repository.setCompletion(ctx.db, { ...target, isCompleted })) ?? refuse(ctx, target)
  );
}

/**
 * Completes a task that is open, and reopens one that is not.
 * @throws task.not_found, also for one in the trash
 */
export async function toggleCompletion(ctx: Work, actor: UserActor, id: number): Promise<TaskRow> {
  const target = { userId: actor.userId, id };
  return (await repository.toggleCompletion(ctx.db, target)) ?? refuse(ctx, target);
}

/**
 * Moves a task to the trash; answers it as it lies there.
 * @throws task.not_found, also for one in there already; task.version_mismatch
 */
export async function deleteTask(
  ctx: Work,
  actor: UserActor,
  id: number,
  versions: Versions,
): Promise<TaskRow> {
  const target = { userId: actor.userId, id };
  return (await repository.trashTask(ctx.db, { ...target, versions })) ?? refuse(ctx, target);
}

/**
 * Takes a task out of the trash; one outside stays as it is.
 * @throws task.not_found, task.version_mismatch
 */
export async function restoreTask(
  ctx: Work,
  actor: UserActor,
  id: number,
  versions: Versions,
): Promise<TaskRow> {
  const target = { userId: actor.userId, id };
  const restored = await repository.restoreTask(ctx.db, { ...target, versions });
  if (restored) return restored;
  const task = await getTask(ctx, actor, id);
  if (task.deleted_at !== null || (versions && !versions.includes(task.version))) {
    throw new AppError('task.version_mismatch', { currentVersion: task.version });
  }
  return task;
}

/** Does one thing to many tasks at once, or to none; ids of others are missing like absent ones. */
export function changeTasks(ctx: Work, actor: UserActor, action: bulk.BulkAction, ids: number[]) {
  return bulk.changeTasks(ctx.db, action, actor.userId, ids);
}

/** An id for a task that moves; those after it are as free. */
export function idForMovedTask(): number {
  return newTaskId();
}

/** How many tasks the actor has, by status outside the trash, and in it. */
export async function countTasks(ctx: Work, actor: UserActor) {
  return (await repository.countTasks(ctx.db, actor.userId)) ?? NO_COUNTS;
}

async function insertWithNewId(
  ctx: Work,
  content: Omit<repository.NewTaskRow, 'id'>,
): Promise<TaskRow> {
  for (let attempt = 0; attempt < MAX_ID_ATTEMPTS; attempt++) {
    const task = await repository.insertTask(ctx.db, { ...content, id: newTaskId() });
    if (task) return task;
  }
  throw new AppError('server.overloaded', { retryAfterSeconds: 1 });
}

/** Says why a conditional write found nothing to change. */
async function refuse(ctx: Work, target: repository.TaskKey): Promise<never> {
  const task = await repository.findTask(ctx.db, target);
  if (!task || task.deleted_at !== null) throw new AppError('task.not_found');
  throw new AppError('task.version_mismatch', { currentVersion: task.version });
}
