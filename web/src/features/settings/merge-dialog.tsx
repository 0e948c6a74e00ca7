import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type OpenMergeOffer, viewMergeOffer } from '../../api/merges.ts';
import { isTemporary } from '../../api/problem.ts';
import { describeError } from '../../shell/describe-error.ts';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { MergeOfferCard } from './merge-offer-card.tsx';
import { OfferGone } from './offer-gone.tsx';
import { ProveOtherAccount } from './prove-other-account.tsx';
import { useProviderLabel } from './security-queries.ts';
import type { RunFresh } from './use-fresh.ts';

const words = messages.merges;

/** How the other account is shown to be the person's own. */
export type MergeStart =
  | { by: 'password' }
  | { by: 'provider'; provider: string | undefined; token: string };

interface MergeDialogProps {
  start: MergeStart | undefined;
  run: RunFresh;
  onClose: () => void;
}

/** From the proof that the other account is one's own to the decision to merge it. */
export function MergeDialog({ start, run, onClose }: MergeDialogProps) {
  const [offer, setOffer] = useState<OpenMergeOffer | undefined>();
  const isProving = start?.by === 'password' && !offer;
  function close() {
    setOffer(undefined);
    onClose();
  }
  return (
    <Dialog
      isOpen={start !== undefined}
      title={isProving ? words.prove.title : words.offer.title}
      closeLabel={messages.page.close}
      onClose={close}
    >
      {start?.by === 'provider' ? (
        <OfferByProvider {...start} run={run} onClose={close} />
      ) : offer ? (
        <MergeOfferCard intro={words.offer.other} offer={offer} run={run} onClose={close} />
      ) : (
        <ProveOtherAccount onProven={setOffer} />
      )}
    </Dialog>
  );
}

interface OfferByProviderProps {
  provider: string | undefined;
  token: string;
  run: RunFresh;
  onClose: () => void;
}

function OfferByProvider({ provider, token, run, onClose }: OfferByProviderProps) {
  const label = useProviderLabel(provider);
  const { data, error, refetch } = useQuery({
    queryKey: ['merge-offer', token],
    queryFn: () => viewMergeOffer(token),
    staleTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  });
  if (data) {
    const intro = words.offer.belongs(label);
    return <MergeOfferCard intro={intro} offer={data} run={run} onClose={onClose} />;
  }
  if (error && isTemporary(error)) {
    return (
      <div className="flex flex-col items-start gap-4">
        <RefusalAlert text={describeError(error)} />
        <Button onClick={() => void refetch()}>{messages.page.tryAgain}</Button>
      </div>
    );
  }
  if (error) return <OfferGone onClose={onClose} />;
  return (
    <div role="status" aria-label={words.offer.loading} className="flex flex-col gap-4">
      <Skeleton className="h-3.5 w-4/5" />
      <Skeleton className="h-18 rounded-xl" />
      <Skeleton className="h-3 w-3/5" />
      <Skeleton className="h-3 w-2/3" />
    </div>
  );
}
