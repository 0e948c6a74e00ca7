import { AlignLeft, PencilLine, Trash2, Undo2 } from 'lucide-react';
import { memo } from 'react';
import type { Task } from '../../api/tasks.ts';
import { formatAge, formatDateTime } from '../../shell/format.ts';
import { messages } from '../../shell/messages.ts';
import { isPlainClick } from '../../shell/plain-click.ts';
import { useNow } from '../../shell/use-now.ts';
import { IconButton } from '../../ui/button.tsx';
import { CheckCircle } from '../../ui/check-circle.tsx';
import { classNames } from '../../ui/class-names.ts';
import { noteCursor } from './task-cursor.ts';
import { useHasTaskDraft } from './task-drafts.ts';

const words = messages.tasks;

export interface RowHandlers {
  onOpen: (task: Task) => void;
  onToggle: (task: Task) => void;
  onDelete: (task: Task) => void;
  onRestore: (task: Task) => void;
}

interface TaskRowProps extends RowHandlers {
  task: Task;
  href: string;
  userId: string | undefined;
  isLeaving: boolean;
  isOpen: boolean;
  /** Whether the row takes part in the tab order: one row of the list does, the arrow keys reach the others. */
  isTabStop: boolean;
}

/** A line of the list. */
export const TaskRow = memo(function TaskRow(props: TaskRowProps) {
  const { task, isLeaving, isOpen, isTabStop } = props;
  const tabIndex = isTabStop ? 0 : -1;
  const isTrashed = task.deleted_at !== null && !isLeaving;
  return (
    <li inert={isLeaving} className={classNames('grid', isLeaving && 'animate-leave')}>
      {/* The frame shrinks to nothing while the row in it keeps its height. */}
      <div className={classNames(isLeaving && 'min-h-0 overflow-hidden')}>
        <div
          onFocus={() => noteCursor(task.id)}
          className={classNames(
            'group/row relative flex min-h-11 items-center gap-1 rounded-xl pr-1 transition-colors duration-75 sm:gap-1.5 sm:pr-2',
            'has-[a:focus-visible]:outline-2 has-[a:focus-visible]:-outline-offset-2 has-[a:focus-visible]:outline-accent',
            isOpen ? 'bg-accent-wash' : 'hover:bg-wash',
          )}
        >
          <LeadingControl {...props} tabIndex={tabIndex} />
          <TitleLink {...props} tabIndex={tabIndex} />
          <RowMarks task={task} userId={props.userId} />
          <RowAge task={task} isTrashed={isTrashed} />
          {!isTrashed && (
            <IconButton
              label={words.deleteTask(task.title)}
              tabIndex={tabIndex}
              onClick={() => props.onDelete(task)}
              className="absolute right-1.5 z-1 hidden size-8 opacity-0 group-hover/row:opacity-100 group-has-focus-visible/row:opacity-100 pointer-fine:inline-flex"
            >
              <Trash2 aria-hidden="true" className="size-4" />
            </IconButton>
          )}
        </div>
      </div>
    </li>
  );
});

/** The title, which opens the task; its area is the whole row. */
function TitleLink({ task, href, isOpen, onOpen, tabIndex }: TaskRowProps & { tabIndex: number }) {
  return (
    <a
      href={href}
      data-task-link={task.id}
      tabIndex={tabIndex}
      aria-current={isOpen ? 'true' : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        onOpen(task);
      }}
      className={classNames(
        'min-w-0 flex-1 py-2.5 outline-none after:absolute after:inset-0',
        task.completed && 'text-ink-faint line-through decoration-ink-faint/50',
      )}
    >
      <span className="line-clamp-2 wrap-anywhere sm:line-clamp-1">{task.title}</span>
    </a>
  );
}

/** Completes or reopens; in the trash it restores instead. */
function LeadingControl(props: TaskRowProps & { tabIndex: number }) {
  const { task, tabIndex, onToggle, onRestore } = props;
  if (task.deleted_at !== null && !props.isLeaving) {
    return (
      <IconButton
        label={words.restoreTask(task.title)}
        tabIndex={tabIndex}
        onClick={() => onRestore(task)}
        className="relative z-1 ml-0.5 size-10 hover:bg-transparent hover:text-accent"
      >
        <Undo2 aria-hidden="true" className="size-4.5" />
      </IconButton>
    );
  }
  const openState = task.status === 'in_progress' ? 'half' : 'empty';
  return (
    <CheckCircle
      label={words.complete(task.title)}
      state={task.completed ? 'full' : openState}
      tabIndex={tabIndex}
      onClick={() => onToggle(task)}
      className="relative z-1 ml-0.5 size-10"
    />
  );
}

function RowMarks({ task, userId }: { task: Task; userId: string | undefined }) {
  const hasDraft = useHasTaskDraft(userId, task);
  return (
    <span className="flex shrink-0 items-center gap-2 text-ink-faint">
      {hasDraft && (
        <span className="inline-flex items-center gap-1 rounded-md bg-progress-wash px-1.5 py-0.5 text-xs font-medium text-progress">
          <PencilLine aria-hidden="true" className="size-3" />
          <span className="sr-only sm:not-sr-only">{words.unsaved}</span>
        </span>
      )}
      {task.description && (
        <>
          <AlignLeft aria-hidden="true" className="size-3.5" />
          <span className="sr-only">{words.hasDescription}</span>
        </>
      )}
      {task.status === 'in_progress' && task.deleted_at === null && (
        <span className="rounded-md bg-progress-wash px-1.5 py-0.5 text-xs font-medium text-progress max-sm:sr-only">
          {words.views.in_progress}
        </span>
      )}
    </span>
  );
}

function RowAge({ task, isTrashed }: { task: Task; isTrashed: boolean }) {
  const nowMs = useNow();
  const iso = task.deleted_at ?? task.completed_at ?? task.created_at;
  return (
    <time
      dateTime={iso}
      title={formatDateTime(iso)}
      className={classNames(
        'relative z-1 shrink-0 px-1.5 text-right text-xs text-ink-faint tabular-nums sm:min-w-18',
        !isTrashed &&
          'pointer-fine:group-hover/row:opacity-0 pointer-fine:group-has-focus-visible/row:opacity-0',
      )}
    >
      {formatAge(iso, nowMs)}
    </time>
  );
}
