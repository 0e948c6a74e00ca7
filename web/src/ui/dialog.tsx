import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';

interface DialogProps {
  isOpen: boolean;
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal window on the browser's own dialog: it keeps the focus, closes with Escape and gives the focus back. */
export function Dialog({ isOpen, title, closeLabel, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (isOpen && dialog && !dialog.open) {
      dialog.showModal();
      // Rather what the dialog is about than the way out, with which it begins.
      (
        dialog.querySelector<HTMLElement>('input, [data-initial-focus]') ?? heading.current
      )?.focus();
    }
    if (!isOpen && dialog?.open) dialog.close();
  }, [isOpen]);

  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
      className="m-auto max-h-[min(40rem,calc(100dvh-2rem))] w-[min(32rem,calc(100vw-2rem))] animate-rise overflow-auto rounded-2xl bg-slip p-0 text-ink shadow-float backdrop:bg-black/35"
    >
      {isOpen && (
        <div className="p-5 sm:p-6">
          <div className="mb-4 flex items-center justify-between gap-4">
            <h2
              id={titleId}
              ref={heading}
              tabIndex={-1}
              className="text-title font-semibold outline-none"
            >
              {title}
            </h2>
            <IconButton label={closeLabel} className="-mr-2" onClick={() => ref.current?.close()}>
              <X className="size-4.5" aria-hidden="true" />
            </IconButton>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
