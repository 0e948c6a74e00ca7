import { announce } from '../../shell/announcer.tsx';
import { messages } from '../../shell/messages.ts';
import { showToast } from '../../ui/toast-store.ts';
import type { TaskView } from './task-views.ts';

const MESSAGE_MS = 4_000;

/** Confirms an addition: by voice where the new row is in sight, visibly where it went to another view. */
export function announceAdded(title: string, view: TaskView): void {
  if (view === 'open' || view === 'all') {
    announce(messages.tasks.added(title));
  } else {
    showToast({ tone: 'note', text: messages.tasks.addedElsewhere(title), durationMs: MESSAGE_MS });
  }
}
