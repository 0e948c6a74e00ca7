import { CircleAlert, GitCompareArrows, History } from 'lucide-react';
import type { Task } from '../../api/tasks.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { useTaskDraft } from './use-task-draft.ts';

const words = messages.panel;

interface DraftNoticeProps {
  draft: ReturnType<typeof useTaskDraft>;
  stored: Task;
}

/** What stands between the person's text and the saved task, with the choices there are. */
export function DraftNotice({ draft, stored }: DraftNoticeProps) {
  if (draft.isConflict) return <ConflictNotice draft={draft} stored={stored} />;
  if (draft.isDirty && draft.state.kind === 'refused') {
    return (
      <Notice tone="problem" role="alert" icon={<CircleAlert aria-hidden="true" />}>
        <p>
          <strong className="font-semibold">{words.notSaved}</strong> {draft.state.reason}
        </p>
        <Choices>
          <Button onClick={draft.save}>{messages.page.tryAgain}</Button>
          <Button look="quiet" onClick={draft.discard}>
            {words.discard}
          </Button>
        </Choices>
      </Notice>
    );
  }
  if (!draft.isRecovered) return null;
  return (
    <Notice tone="caution" role="status" icon={<History aria-hidden="true" />}>
      <p>{words.recovered}</p>
      <Choices>
        <Button onClick={draft.save}>{words.save}</Button>
        <Button look="quiet" onClick={draft.discard}>
          {words.discard}
        </Button>
      </Choices>
    </Notice>
  );
}

function ConflictNotice({ draft, stored }: DraftNoticeProps) {
  return (
    <Notice tone="caution" role="alert" icon={<GitCompareArrows aria-hidden="true" />}>
      <p className="font-semibold">{words.conflict.title}</p>
      <p className="mt-2 text-ink-soft">{words.conflict.theirs}</p>
      <blockquote className="mt-1 max-h-40 overflow-y-auto rounded-md border-l-2 border-progress bg-slip px-3 py-2 wrap-anywhere whitespace-pre-wrap">
        <span className="block font-medium">{stored.title}</span>
        {stored.description ?? (
          <span className="text-ink-faint">{words.conflict.noDescription}</span>
        )}
      </blockquote>
      <Choices>
        <Button onClick={draft.saveOverOther}>{words.conflict.keepMine}</Button>
        <Button look="quiet" onClick={draft.discard}>
          {words.conflict.useTheirs}
        </Button>
      </Choices>
    </Notice>
  );
}

function Choices({ children }: { children: React.ReactNode }) {
  return <div className="mt-2.5 flex flex-wrap gap-1.5">{children}</div>;
}
