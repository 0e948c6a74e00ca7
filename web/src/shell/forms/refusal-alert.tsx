import { CircleAlert } from 'lucide-react';
import { Notice } from '../../ui/notice.tsx';

/** Why a form was refused; always there, so that screen readers notice when it fills. */
export function RefusalAlert({ text }: { text: string | undefined }) {
  return (
    <div role="alert" className="empty:-mb-4">
      {text && (
        <Notice tone="problem" icon={<CircleAlert aria-hidden="true" />}>
          {text}
        </Notice>
      )}
    </div>
  );
}
