import { classNames } from './class-names.ts';

/** A grey bar in the place of text that is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classNames('block animate-skeleton rounded-full bg-wash-strong', className)}
    />
  );
}
