import type { ReactNode } from 'react';
import { useState } from 'react';
import { RefusalAlert } from '../../shell/forms/refusal-alert.tsx';
import { useRefusal } from '../../shell/forms/use-refusal.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

interface ConfirmDialogProps {
  title: string;
  text: ReactNode;
  keepLabel: string;
  confirmLabel: string;
  busyLabel: string;
  isOpen: boolean;
  onClose: () => void;
  /** Does it; what it throws is shown. */
  confirm: () => Promise<void>;
}

/** Says what is about to happen, and does it when that is wanted. */
export function ConfirmDialog({ isOpen, title, onClose, ...rest }: ConfirmDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={title} closeLabel={messages.page.close} onClose={onClose}>
      <Question {...rest} onClose={onClose} />
    </Dialog>
  );
}

function Question(props: Omit<ConfirmDialogProps, 'isOpen' | 'title'>) {
  const { text, keepLabel, confirmLabel, busyLabel, onClose, confirm } = props;
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal();

  async function go() {
    if (isBusy) return;
    setBusy(true);
    refusal.setError(undefined);
    try {
      await confirm();
    } catch (error) {
      refusal.setError(error);
    }
    setBusy(false);
  }

  return (
    <div className="flex flex-col gap-4">
      <div className="text-ink-soft text-pretty wrap-anywhere">{text}</div>
      <RefusalAlert text={refusal.text} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} data-initial-focus>
          {keepLabel}
        </Button>
        <Button look="caution" aria-disabled={isBusy} onClick={() => void go()}>
          {isBusy ? busyLabel : confirmLabel}
        </Button>
      </div>
    </div>
  );
}
