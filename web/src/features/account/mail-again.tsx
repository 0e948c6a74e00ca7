import { useEffect, useState } from 'react';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useRefusal } from '../../shell/forms/use-refusal.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';

const words = messages.account.mail;

/** Time that a mail is given to arrive before another one can be asked for. */
const PAUSE_MS = 30_000;

interface MailAgainProps {
  label?: string;
  send: () => Promise<void>;
}

/** Has a mail sent once more. */
export function MailAgain({ label = words.again, send }: MailAgainProps) {
  const [state, setState] = useState<'idle' | 'sending' | 'sent'>('idle');
  const refusal = useRefusal();
  useEffect(() => {
    if (state !== 'sent') return;
    const timer = setTimeout(() => setState('idle'), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [state]);

  async function sendAgain() {
    if (state !== 'idle') return;
    setState('sending');
    refusal.setError(undefined);
    try {
      await send();
      setState('sent');
    } catch (error) {
      refusal.setError(error);
      setState('idle');
    }
  }

  return (
    <div className="flex flex-col items-start gap-4">
      <RefusalAlert text={refusal.text} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Button aria-disabled={state !== 'idle'} onClick={() => void sendAgain()}>
          {state === 'sending' ? words.sending : label}
        </Button>
        <span role="status" className="text-meta text-ink-soft">
          {state === 'sent' && words.sent}
        </span>
      </div>
    </div>
  );
}
