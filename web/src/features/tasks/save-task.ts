import { ApiError } from '../../api/problem.ts';
import { changeTask, fetchTask, type Task, type TaskChange } from '../../api/tasks.ts';
import { findKnownTask, storeTask } from './task-cache.ts';
import { changeOf, differs, isOvertaken, type TaskDraft } from './task-drafts.ts';
import { sendChange } from './task-sending.ts';

/** As often as a text is moved onto a newer version in which the same fields are untouched. */
const MOST_REBASES = 3;

/**
 * Saves a draft over `shown`, the task as it is on the page. Another person's or tab's change of other fields is no
 * conflict. @throws ApiError `task.version_mismatch` when the same field was changed elsewhere; the newer task is stored
 */
export function saveTask(shown: Task, draft: TaskDraft): Promise<Task> {
  const change = changeOf(draft, shown);
  const fields = { ...change, updated_at: new Date().toISOString() };
  const request = () => changeUnlessOvertaken(shown.id, change, draft);
  return sendChange({ base: shown, fields, request });
}

async function changeUnlessOvertaken(
  id: number,
  change: TaskChange,
  draft: TaskDraft,
): Promise<Task> {
  const known = findKnownTask(id);
  let version = known && !isOvertaken(draft, known) ? known.version : draft.base.version;
  for (let rebase = 0; ; rebase += 1) {
    try {
      return await changeTask(id, change, version);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412 || rebase === MOST_REBASES)
        throw error;
      const current = await fetchTask(id);
      if (!differs(draft, current)) return current;
      if (isOvertaken(draft, current)) {
        storeTask(current);
        throw error;
      }
      version = current.version;
    }
  }
}
