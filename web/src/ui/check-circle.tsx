import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

interface CheckCircleProps extends ComponentProps<'button'> {
  label: string;
  state: 'empty' | 'half' | 'full';
}

/** The round box that completes; `half` marks what is in progress. */
export function CheckCircle({ label, state, className, ...rest }: CheckCircleProps) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={state === 'full'}
      aria-label={label}
      className={classNames(
        'group/check inline-flex size-9 shrink-0 items-center justify-center rounded-lg',
        className,
      )}
      {...rest}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true" className="size-5 overflow-visible">
        <circle
          cx="10"
          cy="10"
          r="8.25"
          strokeWidth="1.5"
          className={classNames(
            'transition-colors duration-100',
            state === 'full' && 'fill-accent stroke-accent',
            state === 'half' && 'fill-transparent stroke-progress',
            state === 'empty' &&
              'fill-transparent stroke-line-strong group-hover/check:fill-accent-wash group-hover/check:stroke-accent',
          )}
        />
        {state === 'half' && (
          <path d="M10 4.75a5.25 5.25 0 0 1 0 10.5Z" className="fill-progress" />
        )}
        <path
          d="m6.2 10.3 2.6 2.6 5-5.4"
          fill="none"
          strokeWidth="1.75"
          strokeLinecap="round"
          strokeLinejoin="round"
          className={classNames(
            'transition-opacity duration-100',
            state === 'full'
              ? 'stroke-paper'
              : 'stroke-accent opacity-0 group-hover/check:opacity-100',
            state === 'half' && 'group-hover/check:opacity-0',
          )}
        />
      </svg>
    </button>
  );
}
