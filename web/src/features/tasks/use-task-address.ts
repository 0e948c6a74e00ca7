import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { TaskSearch } from './task-search.ts';
import type { ListScope, TaskView } from './task-views.ts';

const route = getRouteApi('/app/');

/** What the address says is shown, and how to change it. The functions stay the same between renders. */
export function useTaskAddress() {
  const { show = 'open', q = '', task } = route.useSearch();
  const router = useRouter();
  const scope = useMemo((): ListScope => ({ view: show, q }), [show, q]);

  const functions = useMemo(() => {
    const current = () => router.state.location.search as TaskSearch;
    const go = (search: TaskSearch, replace = false) =>
      void router.navigate({ to: '/', search, replace });
    return {
      search(next: string) {
        const { q: _, ...rest } = current();
        go(next ? { ...rest, q: next } : rest, true);
      },
      show(view: TaskView) {
        const { q } = current();
        go({ ...(view === 'open' ? {} : { show: view }), ...(q ? { q } : {}) });
      },
      searchAll() {
        go({ ...current(), show: 'all' });
      },
      openTask(taskId: number) {
        // Stepping from task to task is one step back, not many.
        go({ ...current(), task: taskId }, current().task !== undefined);
      },
      closeTask() {
        const { task: _, ...rest } = current();
        go(rest);
      },
    };
  }, [router]);

  const hrefs = useMemo(() => {
    const hrefOfView = (view: TaskView, taskId?: number) => {
      const pairs = new URLSearchParams();
      if (view !== 'open') pairs.set('show', view);
      if (q) pairs.set('q', q);
      if (taskId !== undefined) pairs.set('task', String(taskId));
      return pairs.size > 0 ? `/?${pairs}` : '/';
    };
    return {
      hrefOfView: (view: TaskView) => hrefOfView(view),
      hrefOf: (taskId: number) => hrefOfView(show, taskId),
    };
  }, [show, q]);

  return { scope, taskId: task, ...hrefs, ...functions };
}
