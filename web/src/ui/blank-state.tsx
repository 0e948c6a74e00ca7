import type { ReactNode } from 'react';

interface BlankStateProps {
  icon: ReactNode;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** Level of the heading within its page. */
  as?: 'h1' | 'h2';
}

/** What stands in place of content: why there is none, and the next step as `children`. */
export function BlankState({ icon, title, text, children, as: Heading = 'h2' }: BlankStateProps) {
  return (
    <div className="flex animate-appear flex-col items-center px-4 py-14 text-center">
      <span
        aria-hidden="true"
        className="mb-4 flex size-12 items-center justify-center rounded-2xl bg-accent-wash text-accent *:size-6 *:stroke-[1.75]"
      >
        {icon}
      </span>
      <Heading className="text-lg font-semibold tracking-[-0.01em] text-balance">{title}</Heading>
      {text && <p className="mt-1 max-w-[38ch] text-ink-soft text-pretty">{text}</p>}
      {children && (
        <div className="mt-5 flex flex-wrap items-center justify-center gap-2">{children}</div>
      )}
    </div>
  );
}
