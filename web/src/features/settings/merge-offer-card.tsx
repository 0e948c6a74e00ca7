import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { acceptMerge, type OpenMergeOffer } from '../../api/merges.ts';
import { ApiError } from '../../api/problem.ts';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useRefusal } from '../../shell/forms/use-refusal.ts';
import { messages } from '../../shell/messages.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { showToast } from '../../ui/toast-store.ts';
import { OfferGone } from './offer-gone.tsx';
import type { RunFresh } from './use-fresh.ts';

const words = messages.merges.offer;

interface MergeOfferCardProps {
  intro: string;
  offer: OpenMergeOffer;
  run: RunFresh;
  onClose: () => void;
}

/** Which account would be merged, and what that means. */
export function MergeOfferCard({ intro, offer, run, onClose }: MergeOfferCardProps) {
  const [isGone, setGone] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal();
  const client = useQueryClient();
  const { email, name, task_count } = offer.account;
  const who = email ?? name ?? words.nameless;

  async function merge() {
    if (isBusy) return;
    setBusy(true);
    refusal.setError(undefined);
    try {
      const done = await run((password) => acceptMerge(offer.token, password));
      if (done) {
        showToast({
          tone: 'note',
          text: messages.merges.done(who, done.task_count),
          durationMs: 8_000,
        });
        onClose();
        await client.invalidateQueries();
        return;
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === 'merge.offer_invalid') setGone(true);
      else refusal.setError(error);
    }
    setBusy(false);
  }

  if (isGone) return <OfferGone onClose={onClose} />;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-soft text-pretty">{intro}</p>
      <div className="flex items-center gap-3 rounded-xl bg-wash px-3.5 py-3">
        <Avatar name={name ?? who} />
        <div className="min-w-0">
          <p className="font-medium wrap-anywhere">{who}</p>
          <p className="text-meta text-ink-soft wrap-anywhere">
            {email && name ? `${name} · ` : ''}
            {words.tasks(task_count)}
          </p>
        </div>
      </div>
      <ul className="flex list-disc flex-col gap-1.5 pl-5 text-meta text-ink-soft marker:text-ink-faint">
        {words.consequences(task_count).map((sentence) => (
          <li key={sentence} className="text-pretty">
            {sentence}
          </li>
        ))}
      </ul>
      <RefusalAlert text={refusal.text} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} data-initial-focus>
          {words.notNow}
        </Button>
        <Button look="primary" aria-disabled={isBusy} onClick={() => void merge()}>
          {isBusy ? words.merging : words.merge}
        </Button>
      </div>
    </div>
  );
}
