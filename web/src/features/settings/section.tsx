import { type ReactNode, type RefObject, useId } from 'react';

interface SectionProps {
  title: string;
  text?: string;
  /** Takes the focus where what had it is gone. */
  headingRef?: RefObject<HTMLHeadingElement | null>;
  children: ReactNode;
}

/** A part of the settings. */
export function Section({ title, text, headingRef, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-9">
      <h2
        id={id}
        ref={headingRef}
        tabIndex={-1}
        className="text-lg font-semibold tracking-[-0.01em] outline-none"
      >
        {title}
      </h2>
      {text && <p className="mt-0.5 max-w-[60ch] text-ink-soft text-pretty">{text}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}

/** The rows of a section on one slip. */
export const SLIP = 'divide-y divide-line overflow-hidden rounded-2xl bg-slip shadow-slip';

/** One of them: a mark, what it is, and what can be done with it. */
export const SLIP_ROW =
  'grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3.5 px-4 py-3.5 sm:px-5';

/** One with much to read: where it is narrow, what can be done stands below. */
export const LONG_SLIP_ROW =
  'grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3.5 gap-y-3 px-4 py-3.5 sm:grid-cols-[auto_minmax(0,1fr)_auto] sm:px-5';

/** What can be done with such a one. */
export const LONG_SLIP_ACTION = 'col-start-2 justify-self-start sm:col-start-3';
