import { useSyncExternalStore } from 'react';
import type { Task, TaskChange } from '../../api/tasks.ts';
import { readDraft, writeDraft } from '../../shell/drafts.ts';

/** What a person has typed into a task and not saved, and the texts that it started from. */
export interface TaskDraft {
  title?: string;
  description?: string;
  base: Pick<Task, 'title' | 'description' | 'version'>;
}

const place = (taskId: number) => `task.${taskId}`;

let revision = 0;
const listeners = new Set<() => void>();

function notify(): void {
  revision += 1;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', notify);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('storage', notify);
  };
}

/** The draft kept for a task, or `undefined`. */
export function readTaskDraft(userId: string, taskId: number): TaskDraft | undefined {
  const text = readDraft(userId, place(taskId));
  if (!text) return undefined;
  try {
    const value = JSON.parse(text) as TaskDraft;
    return typeof value.base?.title === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the draft of a task; `undefined` forgets it. */
export function writeTaskDraft(userId: string, taskId: number, draft: TaskDraft | undefined): void {
  writeDraft(userId, place(taskId), draft ? JSON.stringify(draft) : '');
  notify();
}

/** Whether text was typed into a task that it does not have. */
export function useHasTaskDraft(userId: string | undefined, task: Task): boolean {
  const draft = useSyncExternalStore(subscribe, () =>
    userId === undefined ? undefined : readKnownDraft(userId, task.id),
  );
  return draft !== undefined && differs(draft, task);
}

const known = new Map<string, { revision: number; draft: TaskDraft | undefined }>();

/** As `readTaskDraft`, with the same object until a draft changes. */
function readKnownDraft(userId: string, taskId: number): TaskDraft | undefined {
  const key = `${userId}.${taskId}`;
  const entry = known.get(key);
  if (entry?.revision === revision) return entry.draft;
  const draft = readTaskDraft(userId, taskId);
  known.set(key, { revision, draft });
  return draft;
}

type Texts = Pick<Task, 'title' | 'description'>;

/** The fields in which the draft differs from `task`, as they would be saved. */
export function changeOf(draft: TaskDraft, task: Texts): TaskChange {
  const title = draft.title?.trim();
  const description =
    draft.description === undefined ? undefined : draft.description.trim() || null;
  return {
    ...(title !== undefined && title !== task.title ? { title } : {}),
    ...(description !== undefined && description !== task.description ? { description } : {}),
  };
}

/** Whether there is anything in the draft that `task` does not have. */
export function differs(draft: TaskDraft, task: Texts): boolean {
  return Object.keys(changeOf(draft, task)).length > 0;
}

/** Whether a field that the draft changes has become something else than the draft started from. */
export function isOvertaken(draft: TaskDraft, stored: Texts): boolean {
  const isForeign = (name: 'title' | 'description', own: string | null | undefined) =>
    own !== undefined && stored[name] !== draft.base[name] && stored[name] !== own;
  const description =
    draft.description === undefined ? undefined : draft.description.trim() || null;
  return isForeign('title', draft.title?.trim()) || isForeign('description', description);
}
