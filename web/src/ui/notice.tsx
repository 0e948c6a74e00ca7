import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

const TONES = {
  calm: 'bg-accent-wash text-ink',
  problem: 'bg-danger-wash text-danger',
  caution: 'bg-progress-wash text-ink',
};

interface NoticeProps {
  tone: keyof typeof TONES;
  icon: ReactNode;
  children: ReactNode;
  /** `alert` interrupts a screen reader, `status` waits for its turn. */
  role?: 'alert' | 'status';
  className?: string;
}

/** A coloured strip with an icon and a sentence or two. */
export function Notice({ tone, icon, children, role, className }: NoticeProps) {
  return (
    <div
      role={role}
      className={classNames(
        'flex gap-2.5 rounded-lg px-3 py-2.5 text-meta [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0',
        TONES[tone],
        className,
      )}
    >
      {icon}
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
