import { type ReactNode, useEffect, useRef } from 'react';
import { classNames } from '../../ui/class-names.ts';

/** The look of links in running text. */
export const TEXT_LINK = 'font-semibold text-accent underline-offset-4 hover:underline';

interface AccountCardProps {
  title: string;
  /** A sign above the title, for cards that say something instead of asking; their title takes the focus. */
  icon?: ReactNode;
  tone?: keyof typeof ICON_TONES;
  isBusy?: boolean;
  children: ReactNode;
  /** The way to the neighbouring page, below the tear line. */
  footer?: ReactNode;
}

const ICON_TONES = {
  calm: 'bg-accent-wash text-accent',
  caution: 'bg-progress-wash text-progress',
};

/** A docket with a tear line: the form above, the way elsewhere below. */
export function AccountCard(props: AccountCardProps) {
  const { title, icon, tone = 'calm', isBusy = false, children, footer } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const isSaying = icon !== undefined;
  // Whoever doesn't see that the card was replaced hears its title, and goes on from there.
  useEffect(() => {
    if (isSaying && title) heading.current?.focus();
  }, [isSaying, title]);
  return (
    <div className="animate-appear drop-shadow-[0_1px_1px_light-dark(rgb(30_45_38/0.12),rgb(0_0_0/0.5))] filter">
      <div
        aria-busy={isBusy || undefined}
        className={classNames(
          'rounded-2xl bg-slip',
          footer ? 'notched [--notch-y:calc(100%-4rem)]' : 'pb-2',
        )}
      >
        <div className="px-6 pt-7 pb-6 sm:px-8">
          {isSaying && (
            <span
              aria-hidden="true"
              className={classNames(
                'mb-4 flex size-11 items-center justify-center rounded-xl *:size-5.5 *:stroke-[1.75]',
                ICON_TONES[tone],
              )}
            >
              {icon}
            </span>
          )}
          <h1
            ref={heading}
            tabIndex={isSaying ? -1 : undefined}
            className="mb-5 text-[1.375rem] leading-7 font-semibold tracking-[-0.018em] text-balance outline-none"
          >
            {title}
          </h1>
          {children}
        </div>
        {footer && (
          <p className="mx-4 flex h-16 items-center justify-center gap-1.5 border-t border-dashed border-line-strong/60 text-meta text-ink-soft">
            {footer}
          </p>
        )}
      </div>
    </div>
  );
}

/** A sentence or two below the title. */
export function CardText({ children }: { children: ReactNode }) {
  return <p className="-mt-3 mb-5 text-ink-soft last:mb-1 wrap-anywhere text-pretty">{children}</p>;
}
