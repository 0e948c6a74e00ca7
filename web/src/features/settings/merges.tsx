import { useQuery, useQueryClient } from '@tanstack/react-query';
import { GitMerge } from 'lucide-react';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type Merge, undoMerge } from '../../api/merges.ts';
import { ApiError } from '../../api/problem.ts';
import { formatDate } from '../../shell/format.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { showToast } from '../../ui/toast-store.ts';
import type { Arrival } from './arrival.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { MergeDialog, type MergeStart } from './merge-dialog.tsx';
import { LONG_SLIP_ACTION, LONG_SLIP_ROW, Section, SLIP } from './section.tsx';
import { mergesQuery } from './security-queries.ts';
import type { RunFresh } from './use-fresh.ts';

const words = messages.merges;

interface MergesProps {
  arrival: Arrival | undefined;
  run: RunFresh;
}

/** Merging another account into this one, and the merges that can still be undone. */
export function Merges({ arrival, run }: MergesProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [start, setStart] = useState<MergeStart | undefined>(startOf(arrival));
  return (
    <Section title={words.title} text={words.text} headingRef={heading}>
      <Button onClick={() => setStart({ by: 'password' })}>
        <GitMerge aria-hidden="true" className="size-4" />
        {words.open}
      </Button>
      <MergeDialog start={start} run={run} onClose={() => setStart(undefined)} />
      <MergeList run={run} onGone={() => heading.current?.focus()} />
    </Section>
  );
}

/** A provider's answer may have brought the offer along. */
function startOf(arrival: Arrival | undefined): MergeStart | undefined {
  if (arrival?.kind !== 'problem' || !arrival.mergeToken) return undefined;
  return { by: 'provider', provider: arrival.provider, token: arrival.mergeToken };
}

function MergeList({ run, onGone }: { run: RunFresh; onGone: () => void }) {
  const { data: merges, error, refetch } = useQuery(mergesQuery);
  if (error && !merges) {
    return (
      <p role="alert" className="mt-5 flex flex-wrap items-center gap-x-3 gap-y-2 text-ink-soft">
        {words.failed}
        <Button onClick={() => void refetch()}>{messages.page.tryAgain}</Button>
      </p>
    );
  }
  if (!merges?.length) return null;
  return (
    <>
      <h3 className="mt-7 mb-2 text-meta font-semibold text-ink-soft">{words.list}</h3>
      <ul className={SLIP}>
        {merges.map((merge) => (
          <MergeRow key={merge.id} merge={merge} run={run} onGone={onGone} />
        ))}
      </ul>
    </>
  );
}

interface MergeRowProps {
  merge: Merge;
  run: RunFresh;
  onGone: () => void;
}

function MergeRow({ merge, run, onGone }: MergeRowProps) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const who = merge.email ?? merge.name ?? words.offer.nameless;

  async function undo() {
    const done = await run((password) => undone(merge.id, password));
    if (!done) return;
    // The focus goes on only when the dialog has let it go.
    flushSync(() => setAsking(false));
    onGone();
    showToast({ tone: 'note', text: words.undone(who), durationMs: 6_000 });
    await client.invalidateQueries();
  }

  return (
    <li className={LONG_SLIP_ROW}>
      <span
        aria-hidden="true"
        className="flex size-9 items-center justify-center self-start rounded-xl bg-wash text-ink-faint"
      >
        <GitMerge className="size-4.5" />
      </span>
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{who}</p>
        <p className="text-meta text-ink-soft">
          {words.came(merge.task_count, formatDate(merge.merged_at))}
        </p>
        <p className="text-meta text-ink-faint">{words.until(formatDate(merge.undoable_until))}</p>
      </div>
      <Button
        className={LONG_SLIP_ACTION}
        aria-label={words.undoFor(who)}
        onClick={() => setAsking(true)}
      >
        {words.undo}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={words.undoAsk.title}
        text={words.undoAsk.text(who)}
        keepLabel={words.undoAsk.keep}
        confirmLabel={words.undoAsk.confirm}
        busyLabel={words.undoAsk.busy}
        onClose={() => setAsking(false)}
        confirm={undo}
      />
    </li>
  );
}

/** Undoes a merge; says in our words what may stand against it. */
async function undone(id: string, password?: string): Promise<true> {
  try {
    await undoMerge(id, password);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'user.email_taken') throw error;
    throw new ApiError({ status: error.status, code: error.code, detail: words.emailTaken });
  }
}
