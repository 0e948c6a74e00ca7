import type { Task } from '../../api/tasks.ts';
import { formatDateTime } from '../../shell/format.ts';
import { messages } from '../../shell/messages.ts';

const words = messages.panel;

/** When the task was created, changed, completed, deleted. */
export function TaskTimes({ task }: { task: Task }) {
  const times: [string, string | null][] = [
    [words.created, task.created_at],
    [words.updated, task.updated_at === task.created_at ? null : task.updated_at],
    [words.completedAt, task.completed_at],
    [words.deletedAt, task.deleted_at],
  ];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-meta">
      {times.map(
        ([label, iso]) =>
          iso && (
            <div key={label} className="contents">
              <dt className="text-ink-faint">{label}</dt>
              <dd className="text-ink-soft">
                <time dateTime={iso}>{formatDateTime(iso)}</time>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
