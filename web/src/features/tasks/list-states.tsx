import { Check, CircleDashed, CloudOff, Inbox, PenLine, SearchX, Sun, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { describeError } from '../../shell/describe-error.ts';
import { messages } from '../../shell/messages.ts';
import { BlankState } from '../../ui/blank-state.tsx';
import { Button } from '../../ui/button.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useTaskCounts } from './task-queries.ts';
import type { ListScope, TaskView } from './task-views.ts';

const words = messages.tasks;

const SKELETON_WIDTHS = ['w-3/5', 'w-2/5', 'w-1/2', 'w-3/4', 'w-1/3', 'w-2/3', 'w-1/4'];

/** Rows of the same height as those that are on their way. */
export function ListSkeleton() {
  return (
    <div role="status" aria-label={words.loading}>
      {SKELETON_WIDTHS.map((width) => (
        <div key={width} className="flex h-11 items-center gap-3 px-3">
          <Skeleton className="size-5 shrink-0" />
          <span className="flex-1">
            <Skeleton className={`h-3 ${width}`} />
          </span>
          <Skeleton className="h-2.5 w-10" />
        </div>
      ))}
    </div>
  );
}

/** A list that could not be loaded, with the reason. */
export function ListError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div role="alert">
      <BlankState icon={<CloudOff />} title={words.errorTitle} text={describeError(error)}>
        <Button look="primary" onClick={onRetry}>
          {messages.page.tryAgain}
        </Button>
      </BlankState>
    </div>
  );
}

const ICONS: Record<TaskView, ReactNode> = {
  open: <Sun />,
  in_progress: <CircleDashed />,
  completed: <Check />,
  all: <Inbox />,
  trash: <Trash2 />,
};

interface ListBlankProps {
  scope: ListScope;
  onSearchAll: () => void;
  onAdd: () => void;
}

/** A list without tasks: why, and what could come next. */
export function ListBlank({ scope, onSearchAll, onAdd }: ListBlankProps) {
  const counts = useTaskCounts();
  const { view, q } = scope;
  if (q) {
    const { title, text, all } = words.empty.search;
    return (
      <BlankState icon={<SearchX />} title={title(q)} text={text}>
        {view !== 'all' && <Button onClick={onSearchAll}>{all}</Button>}
      </BlankState>
    );
  }
  const isFirst = view === 'open' && counts?.completed === 0 && counts.trashed === 0;
  const { title, text } = words.empty[isFirst ? 'first' : view];
  return (
    <BlankState icon={isFirst ? <PenLine /> : ICONS[view]} title={title} text={text}>
      {(view === 'open' || view === 'all') && (
        <Button onClick={onAdd}>
          {words.add}
          <Kbd>Q</Kbd>
        </Button>
      )}
    </BlankState>
  );
}
