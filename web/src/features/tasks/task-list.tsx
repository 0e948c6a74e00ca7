import { useEffect } from 'react';
import { announce } from '../../shell/announcer.tsx';
import { messages } from '../../shell/messages.ts';
import { useUser } from '../../shell/use-session.ts';
import { classNames } from '../../ui/class-names.ts';
import { ListBlank, ListError, ListSkeleton } from './list-states.tsx';
import { LoadMore } from './load-more.tsx';
import { getCursor, noteCursor, useCursor } from './task-cursor.ts';
import type { TaskRow as Row } from './task-projection.ts';
import type { useTaskList } from './task-queries.ts';
import { type RowHandlers, TaskRow } from './task-row.tsx';
import type { ListScope } from './task-views.ts';

const words = messages.tasks;

interface TaskListProps extends RowHandlers {
  scope: ListScope;
  list: ReturnType<typeof useTaskList>;
  openTaskId: number | undefined;
  hrefOf: (taskId: number) => string;
  onSearchAll: () => void;
  onAdd: () => void;
}

/** The tasks of a view in all its states: loading, failed, empty, and rows. */
export function TaskList(props: TaskListProps) {
  const { scope, list, openTaskId, hrefOf, onSearchAll, onAdd, ...handlers } = props;
  const { query, rows } = list;
  const user = useUser();
  const cursor = useCursor();
  useCursorFocus(rows);
  useResultAnnouncement(scope, list);

  if (query.isPending && rows.length === 0) return <ListSkeleton />;
  if (query.isError && rows.length === 0) {
    return <ListError error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (rows.length === 0) {
    return <ListBlank scope={scope} onSearchAll={onSearchAll} onAdd={onAdd} />;
  }
  const hasCursorRow = rows.some((row) => row.task.id === cursor.taskId);
  return (
    <>
      <p id="task-list-hint" hidden>
        {words.moveHint}
      </p>
      <ul
        aria-label={words.tasksIn(words.views[scope.view])}
        aria-describedby="task-list-hint"
        aria-busy={query.isPlaceholderData}
        data-task-list
        className={classNames('transition-opacity', query.isPlaceholderData && 'opacity-60')}
      >
        {rows.map(({ task, isLeaving }, index) => (
          <TaskRow
            key={task.id}
            task={task}
            href={hrefOf(task.id)}
            userId={user?.id}
            isLeaving={isLeaving}
            isOpen={task.id === openTaskId}
            isTabStop={hasCursorRow ? task.id === cursor.taskId : index === 0}
            {...handlers}
          />
        ))}
      </ul>
      <LoadMore query={query} shownCount={rows.length} />
    </>
  );
}

/** Gives the focus to the row that the cursor was sent to, as soon as it is there. */
function useCursorFocus(rows: readonly Row[]): void {
  const { taskId, wantsFocus } = useCursor();
  useEffect(() => {
    if (!wantsFocus || taskId === undefined || rows.length === 0) return;
    const link = document.querySelector<HTMLElement>(`[data-task-link="${taskId}"]`);
    if (!link || getCursor().taskId !== taskId) return;
    link.focus();
    noteCursor(taskId);
  }, [taskId, wantsFocus, rows]);
}

/** Says how many tasks a search has found. */
function useResultAnnouncement({ q }: ListScope, { query, rows }: TaskListProps['list']): void {
  const isSettled = query.isSuccess && !query.isPlaceholderData;
  const text = words.results(rows.length, query.hasNextPage);
  useEffect(() => {
    if (q && isSettled) announce(text);
  }, [q, isSettled, text]);
}
