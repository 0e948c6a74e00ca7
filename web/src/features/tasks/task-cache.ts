import type { InfiniteData } from '@tanstack/react-query';
import { queryClient } from '../../api/query-client.ts';
import type { Task, TaskCounts, TaskPage } from '../../api/tasks.ts';
import { moveCount } from './task-projection.ts';
import { belongsTo, type ListScope, matchesSearch, placeFor } from './task-views.ts';

/** The keys under which the answers about tasks are kept. */
export const taskKeys = {
  all: ['tasks'] as const,
  lists: ['tasks', 'list'] as const,
  list: (scope: ListScope) => ['tasks', 'list', scope] as const,
  counts: ['tasks', 'counts'] as const,
  one: (id: number) => ['tasks', 'one', id] as const,
};

type ListData = InfiniteData<TaskPage, string | undefined>;

/** Writes a task that the server has confirmed into every list and detail that is kept. */
export function storeTask(task: Task): void {
  queryClient.setQueryData(taskKeys.one(task.id), task);
  const lists = queryClient.getQueryCache().findAll({ queryKey: taskKeys.lists });
  for (const query of lists) {
    const scope = query.queryKey[2] as ListScope;
    queryClient.setQueryData<ListData>(query.queryKey, (data) => data && inList(data, task, scope));
  }
}

/** A list after a change of one task: put in, replaced where it stands, or taken out. */
function inList(data: ListData, task: Task, scope: ListScope): ListData {
  const isHere = data.pages.some((page) => page.items.some((item) => item.id === task.id));
  if (!belongsTo(task, scope.view)) {
    return isHere ? mapItems(data, (items) => items.filter((item) => item.id !== task.id)) : data;
  }
  if (isHere) {
    return mapItems(data, (items) => items.map((item) => (item.id === task.id ? task : item)));
  }
  return matchesSearch(task, scope.q) ? insert(data, task, scope) : data;
}

function mapItems(data: ListData, change: (items: Task[]) => Task[]): ListData {
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) };
}

/** Puts a task into the page where it belongs; behind the last loaded page it comes by itself later. */
function insert(data: ListData, task: Task, scope: ListScope): ListData {
  const target = data.pages.findIndex((page) => {
    const isLast = page.next_cursor === null;
    return isLast || placeFor(task, page.items, scope.view) < page.items.length;
  });
  const pages = data.pages.map((page, index) => {
    if (index !== target) return page;
    const items = [...page.items];
    items.splice(placeFor(task, items, scope.view), 0, task);
    return { ...page, items };
  });
  return { ...data, pages };
}

/** Moves a confirmed change into the kept counts. */
export function storeCounts(before: Task | undefined, after: Task): void {
  queryClient.setQueryData<TaskCounts>(
    taskKeys.counts,
    (counts) => counts && moveCount(counts, before, after),
  );
}

/** What is known of a task without asking: its own answer, or a line of a list. */
export function findKnownTask(id: number): Task | undefined {
  const own = queryClient.getQueryData<Task>(taskKeys.one(id));
  if (own) return own;
  const lists = queryClient.getQueriesData<ListData>({ queryKey: taskKeys.lists });
  for (const [, data] of lists) {
    for (const page of data?.pages ?? []) {
      const found = page.items.find((item) => item.id === id);
      if (found) return found;
    }
  }
  return undefined;
}

/** Asks the server again for everything on screen. */
export function refetchTasks(): void {
  void queryClient.invalidateQueries({ queryKey: taskKeys.all });
}

/** Asks the server again for the counts. */
export function refetchCounts(): void {
  void queryClient.invalidateQueries({ queryKey: taskKeys.counts });
}
