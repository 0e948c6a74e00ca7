import { CheckCheck, Circle, CircleDashed, Trash2 } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { Task } from '../../api/tasks.ts';
import { hasCommandKey } from '../../shell/keyboard.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { CheckCircle } from '../../ui/check-circle.tsx';
import { Choice } from '../../ui/choice.tsx';
import { classNames } from '../../ui/class-names.ts';
import { GrowingTextarea } from '../../ui/growing-textarea.tsx';
import { DraftNotice } from './draft-notice.tsx';
import { setStatus } from './task-actions.ts';
import { descriptionProblem } from './task-limits.ts';
import { TaskTimes } from './task-times.tsx';
import { useTaskDraft } from './use-task-draft.ts';

const words = messages.panel;

const STATUS_OPTIONS = [
  { value: 'pending', label: words.statuses.pending, icon: <Circle aria-hidden="true" /> },
  {
    value: 'in_progress',
    label: words.statuses.in_progress,
    icon: <CircleDashed aria-hidden="true" />,
  },
  { value: 'completed', label: words.statuses.completed, icon: <CheckCheck aria-hidden="true" /> },
] as const;

interface TaskEditorProps {
  userId: string;
  /** As it is shown. */
  task: Task;
  /** As the server has it. */
  stored: Task;
  close: ReactNode;
  startsInTitle: RefObject<boolean>;
  onToggle: (task: Task) => void;
  onDelete: (task: Task) => void;
}

/** Title, description and status of a task to change in place. Texts are saved when a field is left. */
export function TaskEditor(props: TaskEditorProps) {
  const { userId, task, stored, close, onToggle, onDelete } = props;
  const draft = useTaskDraft(userId, stored, task);
  const saveOnCommandEnter = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && hasCommandKey(event)) draft.save();
  };
  return (
    <div className="flex flex-1 flex-col" onKeyDown={saveOnCommandEnter}>
      <div className="sticky top-0 z-1 flex items-center gap-2 bg-paper px-5 pt-3 pb-1">
        <CheckCircle
          label={messages.tasks.complete(task.title)}
          state={task.completed ? 'full' : task.status === 'in_progress' ? 'half' : 'empty'}
          onClick={() => onToggle(task)}
          className="-ml-2.5"
        />
        <SaveLine draft={draft} />
        {close}
      </div>
      <div className="flex flex-1 flex-col gap-4 px-5 pb-5">
        <TitleField draft={draft} startsInTitle={props.startsInTitle} />
        <DraftNotice draft={draft} stored={stored} />
        <Choice
          label={words.status}
          value={task.status}
          options={STATUS_OPTIONS}
          onChange={(status) => setStatus(task, status)}
        />
        <DescriptionField draft={draft} />
        <div className="mt-auto border-t border-line pt-4">
          <TaskTimes task={task} />
          <Button look="danger" className="mt-3 -ml-3.5" onClick={() => onDelete(task)}>
            <Trash2 aria-hidden="true" className="size-4" />
            {words.delete}
          </Button>
        </div>
      </div>
    </div>
  );
}

type Draft = ReturnType<typeof useTaskDraft>;

/** Where the texts stand: typed, under way, saved. */
function SaveLine({ draft }: { draft: Draft }) {
  const { state, isDirty } = draft;
  const text =
    state.kind === 'saving'
      ? words.saving
      : isDirty
        ? words.keptDraft
        : state.kind === 'saved' && words.savedNow;
  return (
    <p role="status" className="min-w-0 flex-1 truncate text-right text-xs text-ink-faint">
      {text}
    </p>
  );
}

interface TitleFieldProps {
  draft: Draft;
  startsInTitle: RefObject<boolean>;
}

function TitleField({ draft, startsInTitle }: TitleFieldProps) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const problem = draft.titleProblem;

  useEffect(() => {
    if (!startsInTitle.current) return;
    startsInTitle.current = false;
    ref.current?.focus();
    ref.current?.select();
  }, [startsInTitle]);

  return (
    <div>
      <GrowingTextarea
        ref={ref}
        rows={1}
        value={draft.title}
        aria-label={words.titleField}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? 'task-title-problem' : undefined}
        data-task-title
        onChange={(event) => draft.edit({ title: event.target.value.replace(/[\r\n]+/g, ' ') })}
        onBlur={draft.save}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          draft.save();
        }}
        className={classNames(
          '-mx-2 block w-[calc(100%+1rem)] rounded-lg px-2 py-1 text-title font-semibold',
          'hover:bg-wash focus-visible:bg-slip',
        )}
      />
      {problem && (
        <p id="task-title-problem" role="alert" className="mt-1 text-meta text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}

function DescriptionField({ draft }: { draft: Draft }) {
  const problem = descriptionProblem(draft.description);
  return (
    <div>
      <GrowingTextarea
        rows={4}
        value={draft.description}
        aria-label={words.description}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? 'task-description-problem' : undefined}
        placeholder={words.descriptionHint}
        onChange={(event) => draft.edit({ description: event.target.value })}
        onBlur={draft.save}
        className="-mx-2 block min-h-28 w-[calc(100%+1rem)] rounded-lg px-2 py-1.5 hover:bg-wash focus-visible:bg-slip"
      />
      {problem && (
        <p id="task-description-problem" role="alert" className="mt-1 text-meta text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}
