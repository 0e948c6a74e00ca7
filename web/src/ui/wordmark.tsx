/** The sign of the product: a docket with its two notches and a tick. */
export function DocketSign({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <path
        className="fill-accent"
        d="M6 4h20a3 3 0 0 1 3 3v5.2a3.8 3.8 0 0 0 0 7.6V25a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3v-5.2a3.8 3.8 0 0 0 0-7.6V7a3 3 0 0 1 3-3Z"
      />
      <path
        className="stroke-paper"
        fill="none"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="m10.5 16.4 3.8 3.8 7.4-8"
      />
    </svg>
  );
}

/** Sign and name side by side. */
export function Wordmark({ name, isCompact = false }: { name: string; isCompact?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2">
      <DocketSign className="size-6 shrink-0" />
      <span
        className={
          isCompact
            ? 'sr-only sm:not-sr-only sm:text-[1.0625rem] sm:font-semibold sm:tracking-[-0.02em]'
            : 'text-[1.25rem] font-semibold tracking-[-0.02em]'
        }
      >
        {name}
      </span>
    </span>
  );
}
