import { api, bodyOf } from './client.ts';
import type { Task, TaskCounts, TaskListQuery, TaskPage, TaskStatus } from './schema.ts';

export type { Task, TaskCounts, TaskListQuery, TaskPage, TaskStatus };

export interface NewTask {
  id: number;
  title: string;
  description?: string | null;
  status?: TaskStatus;
}

export interface TaskChange {
  title?: string;
  description?: string | null;
  status?: TaskStatus;
}

/** One page of tasks; `next_cursor` leads to the next. */
export function fetchTasks(query: TaskListQuery, signal: AbortSignal): Promise<TaskPage> {
  return bodyOf(api.GET('/api/v1/tasks', { params: { query }, signal }));
}

/** Numbers of tasks by status and in the trash. */
export function fetchTaskCounts(signal: AbortSignal): Promise<TaskCounts> {
  return bodyOf(api.GET('/api/v1/tasks/counts', { signal }));
}

/** @throws ApiError `task.not_found` */
export function fetchTask(id: number, signal?: AbortSignal): Promise<Task> {
  const options = { params: { path: { id } }, ...(signal ? { signal } : {}) };
  return bodyOf(api.GET('/api/v1/tasks/{id}', options));
}

/** Safe to repeat: the same id with the same content answers with the task that is there. */
export function createTask(task: NewTask): Promise<Task> {
  return bodyOf(api.POST('/api/v1/tasks', { body: task }));
}

/** @throws ApiError `task.version_mismatch` when `version` is given and no longer the present one */
export function changeTask(id: number, change: TaskChange, version?: number): Promise<Task> {
  const headers = version === undefined ? {} : { 'if-match': `"${version}"` };
  const params = { path: { id } };
  return bodyOf(api.PATCH('/api/v1/tasks/{id}', { params, headers, body: change }));
}

/** Completes or reopens; doing it twice is the same as once. */
export function setTaskCompletion(id: number, completed: boolean): Promise<Task> {
  const params = { path: { id } };
  return bodyOf(api.PUT('/api/v1/tasks/{id}/completion', { params, body: { completed } }));
}

/** Moves to the trash. @throws ApiError `task.not_found` */
export async function deleteTask(id: number): Promise<void> {
  await bodyOf(api.DELETE('/api/v1/tasks/{id}', { params: { path: { id } } }));
}

/** Takes out of the trash; doing it twice is the same as once. */
export function restoreTask(id: number): Promise<Task> {
  return bodyOf(api.POST('/api/v1/tasks/{id}/restore', { params: { path: { id } }, body: {} }));
}
