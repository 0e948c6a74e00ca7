import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A key, drawn as a key cap. */
export function Kbd({ children, isOnNote = false }: { children: ReactNode; isOnNote?: boolean }) {
  return (
    <kbd
      className={classNames(
        'inline-flex h-5 min-w-5 items-center justify-center rounded px-1 font-sans text-[0.6875rem] font-medium',
        isOnNote ? 'bg-white/15 text-on-note' : 'bg-wash-strong text-ink-soft',
      )}
    >
      {children}
    </kbd>
  );
}
