import { SearchX, X } from 'lucide-react';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { describeError } from '../../shell/describe-error.ts';
import { messages } from '../../shell/messages.ts';
import { useUser } from '../../shell/use-session.ts';
import { BlankState } from '../../ui/blank-state.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TaskEditor } from './task-editor.tsx';
import { useTask } from './task-queries.ts';
import type { RowHandlers } from './task-row.tsx';
import { TrashedTask } from './trashed-task.tsx';

const words = messages.panel;

export const PANEL_ID = 'task-panel';

interface TaskPanelProps extends Omit<RowHandlers, 'onOpen'> {
  taskId: number;
  /** Whether it covers the page instead of standing beside the list. */
  isSheet: boolean;
  /** Whether the next opening is for editing, so that the title gets the focus. */
  startsInTitle: RefObject<boolean>;
  onClose: () => void;
}

/** One task in detail: beside the list where there is room, else a sheet over it. */
export function TaskPanel(props: TaskPanelProps) {
  const { taskId, isSheet, startsInTitle, onClose } = props;
  const ref = useRef<HTMLDivElement>(null);

  // Before the title asks for the focus in its own effect, so that one of the two gets it.
  useLayoutEffect(() => {
    // `taskId` names the task whose opening moves the focus.
    if (taskId && !startsInTitle.current) ref.current?.focus({ preventScroll: true });
  }, [taskId, startsInTitle]);

  const semantics = isSheet
    ? { role: 'dialog', 'aria-modal': true, 'aria-label': words.label }
    : { role: 'complementary', 'aria-label': words.label };

  return (
    <>
      {isSheet && (
        <div
          aria-hidden="true"
          className="fixed inset-0 z-24 animate-appear bg-black/30"
          onClick={onClose}
        />
      )}
      <div
        ref={ref}
        id={PANEL_ID}
        tabIndex={-1}
        {...semantics}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.defaultPrevented) return;
          event.preventDefault();
          onClose();
        }}
        className={
          isSheet
            ? 'fixed inset-y-0 right-0 z-25 flex w-full animate-appear flex-col overflow-y-auto bg-paper shadow-float outline-none sm:w-[28rem]'
            : 'sticky top-14 flex h-[calc(100dvh-3.5rem)] animate-appear flex-col overflow-y-auto border-l border-line outline-none'
        }
      >
        <PanelContent key={taskId} {...props} />
      </div>
    </>
  );
}

function PanelContent(props: TaskPanelProps) {
  const { taskId, onClose } = props;
  const user = useUser();
  const { task, stored, isMissing, error, retry } = useTask(taskId);
  const close = (
    <IconButton label={words.close} onClick={onClose} className="-mr-1.5">
      <X aria-hidden="true" className="size-4.5" />
    </IconButton>
  );
  if (task && user) {
    return task.deleted_at === null ? (
      <TaskEditor {...props} userId={user.id} task={task} stored={stored ?? task} close={close} />
    ) : (
      <TrashedTask task={task} close={close} onRestore={props.onRestore} />
    );
  }
  return (
    <div className="flex flex-col px-5 pt-3">
      <div className="flex justify-end">{close}</div>
      {isMissing && (
        <BlankState icon={<SearchX />} title={words.missingTitle} text={words.missingText}>
          <Button onClick={onClose}>{messages.page.toTasks}</Button>
        </BlankState>
      )}
      {!isMissing && error && (
        <BlankState icon={<SearchX />} title={words.errorTitle} text={describeError(error)}>
          <Button look="primary" onClick={retry}>
            {messages.page.tryAgain}
          </Button>
        </BlankState>
      )}
      {!error && (
        <div role="status" aria-label={messages.tasks.loading} className="flex flex-col gap-4 pt-4">
          <Skeleton className="h-5 w-2/3" />
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-3 w-4/5" />
          <Skeleton className="h-3 w-3/5" />
        </div>
      )}
    </div>
  );
}
