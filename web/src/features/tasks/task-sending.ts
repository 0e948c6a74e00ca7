import { notifyManager } from '@tanstack/react-query';
import { queryClient } from '../../api/query-client.ts';
import type { Task } from '../../api/tasks.ts';
import { addPendingChange, getOverlay, removePendingChange } from './pending-changes.ts';
import { refetchCounts, refetchTasks, storeCounts, storeTask } from './task-cache.ts';
import { tellOtherTabs } from './task-sync.ts';

interface TaskSending {
  base: Task;
  /** How the task looks at once. */
  fields: Partial<Task>;
  isNew?: boolean;
  /** Resolves with the task as the server has it, or with nothing where the server returns none. */
  request: () => Promise<Task | undefined>;
}

/**
 * Paints a change at once, sends it, and then shows what the server made of it.
 * Changes of one task are sent in their order, also across a loss of the connection.
 * @throws ApiError when the server refuses; the paint is gone by then
 */
export async function sendChange({
  base,
  fields,
  isNew = false,
  request,
}: TaskSending): Promise<Task> {
  const key = addPendingChange(base, fields, isNew);
  try {
    const confirmed = (await inOrder(base.id, request)) ?? { ...base, ...fields };
    notifyManager.batch(() => {
      storeTask(confirmed);
      storeCounts(isNew ? undefined : base, confirmed);
      removePendingChange(key);
    });
    tellOtherTabs(confirmed);
    if (getOverlay().changes.length === 0) refetchCounts();
    return confirmed;
  } catch (error) {
    removePendingChange(key);
    refetchTasks();
    throw error;
  }
}

function inOrder<Result>(taskId: number, request: () => Promise<Result>): Promise<Result> {
  const mutation = queryClient.getMutationCache().build(queryClient, {
    mutationFn: request,
    scope: { id: `task-${taskId}` },
  });
  return mutation.execute(undefined);
}
