import type { Task, TaskListQuery, TaskStatus } from '../../api/tasks.ts';

export const TASK_VIEWS = ['open', 'in_progress', 'completed', 'all', 'trash'] as const;

export type TaskView = (typeof TASK_VIEWS)[number];

/** What a list shows: a view, and within it the tasks that contain every word of `q`. */
export interface ListScope {
  view: TaskView;
  q: string;
}

/** Tasks per request. */
const PAGE_SIZE = 50;

/** The query that lists a scope. What was touched last comes first where things were put away. */
export function toListQuery({ view, q }: ListScope): TaskListQuery {
  const search = q.trim() ? { q: q.trim() } : {};
  const common = { ...search, limit: PAGE_SIZE };
  switch (view) {
    case 'open':
      return { ...common, completed: false };
    case 'in_progress':
      return { ...common, status: 'in_progress' };
    case 'completed':
      return { ...common, completed: true, sort: '-updated_at' };
    case 'all':
      return common;
    case 'trash':
      return { ...common, deleted: true, sort: '-updated_at' };
  }
}

/** Whether a task stands in a view. */
export function belongsTo(task: Task, view: TaskView): boolean {
  if (view === 'trash') return task.deleted_at !== null;
  if (task.deleted_at !== null) return false;
  if (view === 'open') return !task.completed;
  if (view === 'completed') return task.completed;
  return view === 'all' || task.status === view;
}

/** Whether title or description contain every word of `q`, as the server decides it. */
export function matchesSearch(task: Task, q: string): boolean {
  const words = q.toLowerCase().split(/\s+/u).filter(Boolean);
  const text = `${task.title}\n${task.description ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Negative when `a` stands above `b` in a view. */
export function compareTasks(a: Task, b: Task, view: TaskView): number {
  if (view === 'completed' || view === 'trash') {
    return b.updated_at.localeCompare(a.updated_at) || b.id - a.id;
  }
  return (
    Number(a.completed) - Number(b.completed) ||
    b.created_at.localeCompare(a.created_at) ||
    b.id - a.id
  );
}

/** The place in `tasks` at which `task` belongs. */
export function placeFor(task: Task, tasks: readonly Task[], view: TaskView): number {
  const index = tasks.findIndex((other) => compareTasks(task, other, view) < 0);
  return index === -1 ? tasks.length : index;
}

export type CountKey = TaskStatus | 'trashed';

/** Under which count a task falls. */
export function countKeyOf(task: Task): CountKey {
  return task.deleted_at === null ? task.status : 'trashed';
}
