import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
import { ApiError } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import { fetchTask, fetchTaskCounts, fetchTasks, type Task } from '../../api/tasks.ts';
import { getOverlay, subscribeOverlay, withPendingChanges } from './pending-changes.ts';
import { findKnownTask, taskKeys } from './task-cache.ts';
import { projectCounts, projectRows } from './task-projection.ts';
import { type ListScope, toListQuery } from './task-views.ts';

function listOptions(scope: ListScope) {
  return infiniteQueryOptions({
    queryKey: taskKeys.list(scope),
    queryFn: ({ pageParam, signal }) =>
      fetchTasks({ ...toListQuery(scope), ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Fetches a list before it is shown. */
export function prefetchList(scope: ListScope): void {
  void queryClient.prefetchInfiniteQuery(listOptions(scope));
}

function useOverlay() {
  return useSyncExternalStore(subscribeOverlay, getOverlay);
}

/** The rows of a list as they are to be shown, and the query behind them. */
export function useTaskList(scope: ListScope) {
  const { view, q } = scope;
  const overlay = useOverlay();
  const query = useInfiniteQuery({
    ...listOptions(scope),
    // While a search is on its way, the rows found before stay; another view starts afresh.
    placeholderData: (previous, previousQuery) =>
      (previousQuery?.queryKey[2] as ListScope | undefined)?.view === view ? previous : undefined,
  });
  const known = useMemo(() => {
    const byId = new Map<number, Task>();
    for (const page of query.data?.pages ?? []) {
      for (const task of page.items) if (!byId.has(task.id)) byId.set(task.id, task);
    }
    return [...byId.values()];
  }, [query.data]);
  const rows = useMemo(() => projectRows(known, overlay, { view, q }), [known, overlay, view, q]);
  return { query, rows };
}

/** Numbers of tasks by status and in the trash, with everything painted ahead. */
export function useTaskCounts() {
  const { changes } = useOverlay();
  const { data } = useQuery(
    queryOptions({
      queryKey: taskKeys.counts,
      queryFn: ({ signal }) => fetchTaskCounts(signal),
    }),
  );
  return useMemo(() => data && projectCounts(data, changes), [data, changes]);
}

/** One task: at once what is known of it, then what the server says. */
export function useTask(id: number) {
  const { changes } = useOverlay();
  const isOnlyHere = changes.some((change) => change.isNew && change.base.id === id);
  const query = useQuery({
    queryKey: taskKeys.one(id),
    queryFn: ({ signal }) => fetchTask(id, signal),
    placeholderData: () => findKnownTask(id),
    enabled: !isOnlyHere,
  });
  return {
    /** As the server has it. */
    stored: query.data,
    /** As it is shown. */
    task: withPendingChanges(query.data, id, changes),
    isMissing: query.error instanceof ApiError && query.error.status === 404,
    error: query.error,
    retry: () => void query.refetch(),
  };
}
