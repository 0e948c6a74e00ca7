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

/** One of them: what it is, and what can be done with it, which moves below where it is narrow. */
export const SLIP_ROW = 'flex flex-wrap items-center gap-x-3.5 gap-y-3 px-4 py-3.5 sm:px-5';
