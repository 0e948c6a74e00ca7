import type { ReactNode } from 'react';

interface AccountCardProps {
  title: string;
  children: ReactNode;
  /** The way to the neighbouring page, below the tear line. */
  footer: ReactNode;
}

/** A docket with a tear line: the form above, the way elsewhere below. */
export function AccountCard({ title, children, footer }: AccountCardProps) {
  return (
    <div className="animate-appear drop-shadow-[0_1px_1px_light-dark(rgb(30_45_38/0.12),rgb(0_0_0/0.5))] filter">
      <div className="notched rounded-2xl bg-slip [--notch-y:calc(100%-4rem)]">
        <div className="px-6 pt-7 pb-6 sm:px-8">
          <h1 className="mb-5 text-[1.375rem] leading-7 font-semibold tracking-[-0.018em]">
            {title}
          </h1>
          {children}
        </div>
        <p className="mx-4 flex h-16 items-center justify-center gap-1.5 border-t border-dashed border-line-strong/60 text-meta text-ink-soft">
          {footer}
        </p>
      </div>
    </div>
  );
}
