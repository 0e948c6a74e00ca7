import { getSession } from '../../api/session.ts';
import type { Task } from '../../api/tasks.ts';
import { refetchCounts, storeTask } from './task-cache.ts';

interface TaskMessage {
  userId: string;
  task: Task;
}

const channel = new BroadcastChannel('docket.tasks');

function currentUserId(): string | undefined {
  const session = getSession();
  return session.kind === 'signed-in' ? session.user.id : undefined;
}

/** Shows a confirmed change in the other tabs, without a request. */
export function tellOtherTabs(task: Task): void {
  const userId = currentUserId();
  if (userId) channel.postMessage({ userId, task } satisfies TaskMessage);
}

channel.addEventListener('message', ({ data }: MessageEvent<TaskMessage>) => {
  if (data.userId !== currentUserId()) return;
  storeTask(data.task);
  refetchCounts();
});
