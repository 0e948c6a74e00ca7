import { CornerDownLeft, Plus } from 'lucide-react';
import { type RefObject, type SubmitEvent, useCallback, useEffect, useState } from 'react';
import { readDraft, writeDraft } from '../../shell/drafts.ts';
import { messages } from '../../shell/messages.ts';
import { classNames } from '../../ui/class-names.ts';
import { announceAdded } from './announce-added.ts';
import { addTask, resendTasks } from './new-tasks.ts';
import { titleProblem } from './task-limits.ts';
import type { TaskView } from './task-views.ts';

const words = messages.tasks;
const PLACE = 'add';

interface AddTaskProps {
  userId: string;
  view: TaskView;
  isListLoaded: boolean;
  inputRef: RefObject<HTMLInputElement | null>;
}

/**
 * The field for a new task. What is typed stays, over Escape and over closing the tab, until it is added; from then on
 * the new task is kept until the server has confirmed it, and sent again by the next page where this one could not.
 */
export function AddTask({ userId, view, isListLoaded, inputRef }: AddTaskProps) {
  const [title, setTitle] = useState(() => readDraft(userId, PLACE) ?? '');
  const problem = title.trim() ? titleProblem(title) : undefined;

  useEffect(() => writeDraft(userId, PLACE, title), [userId, title]);

  const putBack = useCallback(
    (refused: string) => {
      // By now another page may be shown, so the text goes where the field finds it again.
      if (!readDraft(userId, PLACE)) writeDraft(userId, PLACE, refused);
      setTitle((current) => current || refused);
    },
    [userId],
  );

  useEffect(() => {
    // An answer of the list that is older than the task would hide it again.
    if (isListLoaded) resendTasks(userId, putBack);
  }, [userId, isListLoaded, putBack]);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const added = title.trim();
    if (!added || problem) return;
    addTask(userId, added, putBack);
    setTitle('');
    announceAdded(added, view);
  }

  return (
    <form onSubmit={submit}>
      <div
        className={classNames(
          'flex h-13 items-center gap-1 rounded-xl bg-slip pr-1.5 pl-1.5 shadow-slip ring-2 ring-transparent transition-shadow sm:pl-2.5',
          problem ? 'focus-within:ring-danger' : 'focus-within:ring-accent',
        )}
      >
        <span className="flex size-9 shrink-0 items-center justify-center text-accent">
          <Plus className="size-5" aria-hidden="true" />
        </span>
        <input
          ref={inputRef}
          value={title}
          aria-label={words.add}
          aria-keyshortcuts="q c"
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? 'add-task-problem' : undefined}
          placeholder={words.add}
          autoComplete="off"
          enterKeyHint="done"
          onChange={(event) => setTitle(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
          className="h-full min-w-0 flex-1 bg-transparent text-base outline-none"
        />
        {title.trim() && (
          <button
            type="submit"
            className="flex h-10 items-center gap-2 rounded-lg bg-accent px-3.5 font-medium text-on-accent hover:bg-accent-strong"
          >
            {words.addButton}
            <CornerDownLeft className="hidden size-4 opacity-80 sm:block" aria-hidden="true" />
          </button>
        )}
      </div>
      {problem && (
        <p id="add-task-problem" role="alert" className="mt-2 px-3 text-meta text-danger">
          {problem}
        </p>
      )}
    </form>
  );
}
