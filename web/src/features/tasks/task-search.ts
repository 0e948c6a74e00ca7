import { TASK_VIEWS, type TaskView } from './task-views.ts';

/** What the address of the tasks page says after the question mark. */
export interface TaskSearch {
  show?: TaskView;
  q?: string;
  /** The task in the panel. */
  task?: number;
}

/** Reads the address; what it doesn't understand, it leaves out. */
export function readTaskSearch(search: Record<string, unknown>): TaskSearch {
  const show = TASK_VIEWS.find((view) => view === search.show);
  const q = typeof search.q === 'string' ? search.q.trim() : '';
  const task = Number(search.task);
  return {
    ...(show && show !== 'open' ? { show } : {}),
    ...(q ? { q } : {}),
    ...(Number.isSafeInteger(task) && task > 0 ? { task } : {}),
  };
}
