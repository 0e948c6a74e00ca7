import { CircleAlert, X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { classNames } from './class-names.ts';
import { Kbd } from './kbd.tsx';
import { dismissToast, getToasts, subscribeToasts, type Toast } from './toast-store.ts';

interface ToastRegionProps {
  label: string;
  dismissLabel: string;
}

/** The corner in which messages appear; resting on it with pointer or focus stops their clocks. */
export function ToastRegion({ label, dismissLabel }: ToastRegionProps) {
  const toasts = useSyncExternalStore(subscribeToasts, getToasts);
  const [isHeld, setHeld] = useState(false);
  return (
    <section
      aria-label={label}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-none fixed inset-x-0 bottom-0 z-30 flex justify-center p-4 pb-[max(1rem,env(safe-area-inset-bottom))]"
    >
      <div role="status" className="flex w-full max-w-md flex-col gap-2">
        {toasts.map((toast, index) => (
          <ToastCard
            key={toast.id}
            toast={toast}
            isHeld={isHeld}
            isLatest={index === toasts.length - 1}
            dismissLabel={dismissLabel}
          />
        ))}
      </div>
    </section>
  );
}

interface ToastCardProps {
  toast: Toast;
  isHeld: boolean;
  /** The keys act on the latest message only, so only that one shows them. */
  isLatest: boolean;
  dismissLabel: string;
}

function ToastCard({ toast, isHeld, isLatest, dismissLabel }: ToastCardProps) {
  useCountdown(toast, isHeld);
  const { action } = toast;
  const isProblem = toast.tone === 'problem';
  return (
    <div className="pointer-events-auto flex animate-rise items-center gap-1 rounded-xl bg-note py-1.5 pr-1.5 pl-4 text-on-note shadow-float">
      {isProblem && <CircleAlert aria-hidden="true" className="mr-2 size-4.5 shrink-0" />}
      <div className="min-w-0 flex-1 py-1.5 text-meta">
        <p className={classNames('wrap-anywhere', isProblem ? 'font-medium' : 'line-clamp-2')}>
          {toast.text}
        </p>
        {toast.detail && <p className="opacity-85 wrap-anywhere">{toast.detail}</p>}
      </div>
      {action && (
        <button
          type="button"
          className="flex min-h-9 items-center gap-2 rounded-lg px-3 text-meta font-semibold text-note-accent hover:bg-white/10 focus-visible:outline-note-accent"
          onClick={() => {
            dismissToast(toast.id);
            action.run();
          }}
        >
          {action.label}
          {action.keys && isLatest && (
            <span aria-hidden="true" className="hidden gap-1 sm:flex">
              {action.keys.map((key) => (
                <Kbd key={key} isOnNote>
                  {key}
                </Kbd>
              ))}
            </span>
          )}
        </button>
      )}
      <button
        type="button"
        aria-label={dismissLabel}
        className="flex size-9 shrink-0 items-center justify-center rounded-lg opacity-80 hover:bg-white/10 hover:opacity-100 focus-visible:outline-note-accent"
        onClick={() => dismissToast(toast.id)}
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
}

/** Dismisses the toast when its time is up; while held, or while the tab is in the background, time stands still. */
function useCountdown({ id, durationMs }: Toast, isHeld: boolean): void {
  const leftMs = useRef(durationMs ?? 0);
  const isHidden = useSyncExternalStore(subscribeVisibility, () => document.hidden);
  useEffect(() => {
    if (durationMs === null || isHeld || isHidden) return;
    const startedAtMs = performance.now();
    const timer = setTimeout(() => dismissToast(id), leftMs.current);
    return () => {
      clearTimeout(timer);
      leftMs.current = Math.max(1_000, leftMs.current - (performance.now() - startedAtMs));
    };
  }, [id, durationMs, isHeld, isHidden]);
}

function subscribeVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}
