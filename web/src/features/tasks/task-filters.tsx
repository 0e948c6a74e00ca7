import { Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { TaskCounts } from '../../api/tasks.ts';
import { formatNumber } from '../../shell/format.ts';
import { messages } from '../../shell/messages.ts';
import { isPlainClick } from '../../shell/plain-click.ts';
import { prefetchList, useTaskCounts } from './task-queries.ts';
import { TASK_VIEWS, type TaskView } from './task-views.ts';

const words = messages.tasks;

function countOf(view: TaskView, counts: TaskCounts): number {
  const { pending, in_progress, completed, trashed } = counts;
  switch (view) {
    case 'open':
      return pending + in_progress;
    case 'all':
      return pending + in_progress + completed;
    case 'in_progress':
      return in_progress;
    case 'completed':
      return completed;
    case 'trash':
      return trashed;
  }
}

interface TaskFiltersProps {
  view: TaskView;
  q: string;
  hrefOf: (view: TaskView) => string;
  onShow: (view: TaskView) => void;
}

/** The views with their numbers of tasks; the address names the one that is shown. */
export function TaskFilters({ view, q, hrefOf, onShow }: TaskFiltersProps) {
  const counts = useTaskCounts();
  const activeRef = useRef<HTMLAnchorElement>(null);

  useEffect(() => {
    // `view` names the link that the ref then holds.
    if (view) activeRef.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [view]);

  return (
    <nav
      aria-label={words.filters}
      className="relative -mx-4 flex gap-0.5 overflow-x-auto sm:gap-1 px-4 py-1 [scrollbar-width:none] sm:-mx-6 sm:px-6"
    >
      {TASK_VIEWS.map((name) => (
        <a
          key={name}
          href={hrefOf(name)}
          ref={name === view ? activeRef : undefined}
          aria-current={name === view ? 'page' : undefined}
          onClick={(event) => {
            if (!isPlainClick(event)) return;
            event.preventDefault();
            onShow(name);
          }}
          onPointerEnter={() => prefetchList({ view: name, q })}
          className="flex h-9 shrink-0 scroll-mx-4 items-center gap-1.5 rounded-lg px-2 text-meta sm:px-2.5 font-medium text-ink-soft transition-colors last:sm:ml-auto hover:bg-wash hover:text-ink aria-[current]:bg-accent-wash aria-[current]:text-accent-strong"
        >
          {name === 'trash' && <Trash2 aria-hidden="true" className="size-3.5" />}
          <span className={name === 'trash' ? 'max-sm:sr-only' : undefined}>
            {words.views[name]}
          </span>
          <span className="min-w-[1.5ch] text-left text-xs font-medium tabular-nums opacity-85">
            {counts && formatNumber(countOf(name, counts))}
          </span>
        </a>
      ))}
    </nav>
  );
}
