import { getRouteApi } from '@tanstack/react-router';
import { AtSign, CircleAlert, CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { confirmEmail, isDeadLink } from '../../api/accounts.ts';
import { ApiError } from '../../api/problem.ts';
import { recheckSession } from '../../api/session.ts';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useRefusal } from '../../shell/forms/use-refusal.ts';
import { messages } from '../../shell/messages.ts';
import { usePageTitle } from '../../shell/use-page-title.ts';
import { Button } from '../../ui/button.tsx';
import { AccountCard, CardText } from './account-card.tsx';
import { DeadLinkCard } from './dead-link-card.tsx';
import { GoOn, WayBack } from './sign-in-link.tsx';

const words = messages.account.confirmEmail;
const route = getRouteApi('/account/links/confirm-email');

/** Moves an account to its new address by a mailed link. */
export function ConfirmEmailPage() {
  usePageTitle(words.page);
  const { linkToken } = route.useRouteContext();
  return linkToken ? <Confirmation key={linkToken} token={linkToken} /> : <DeadLinkCard />;
}

type Outcome = 'done' | 'dead' | 'taken';

/** Waits for a press: programs that open the links of mails must not move an account to an address. */
function Confirmation({ token }: { token: string }) {
  const [outcome, setOutcome] = useState<Outcome | undefined>();
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal();

  async function confirm() {
    if (isBusy) return;
    setBusy(true);
    refusal.setError(undefined);
    try {
      await confirmEmail(token);
      await recheckSession();
      setOutcome('done');
    } catch (error) {
      setBusy(false);
      const known = outcomeOf(error);
      if (known) setOutcome(known);
      else refusal.setError(error);
    }
  }

  if (outcome === 'dead') return <DeadLinkCard reason={words.dead} />;
  if (outcome) return <Outcome isDone={outcome === 'done'} />;
  return (
    <AccountCard title={words.title} icon={<AtSign />} footer={<WayBack />}>
      <CardText>{words.text}</CardText>
      <div className="flex flex-col gap-4">
        <RefusalAlert text={refusal.text} />
        <Button
          look="primary"
          aria-disabled={isBusy}
          className="h-11"
          onClick={() => void confirm()}
        >
          {isBusy ? words.confirming : words.confirm}
        </Button>
      </div>
    </AccountCard>
  );
}

function outcomeOf(error: unknown): Outcome | undefined {
  if (isDeadLink(error)) return 'dead';
  return error instanceof ApiError && error.code === 'user.email_taken' ? 'taken' : undefined;
}

function Outcome({ isDone }: { isDone: boolean }) {
  return (
    <AccountCard
      title={isDone ? words.done : words.taken}
      icon={isDone ? <CircleCheck /> : <CircleAlert />}
      tone={isDone ? 'calm' : 'caution'}
    >
      <CardText>{isDone ? words.doneText : words.takenText}</CardText>
      <GoOn />
    </AccountCard>
  );
}
