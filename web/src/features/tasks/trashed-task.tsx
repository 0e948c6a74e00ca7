import { Trash2, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Task } from '../../api/tasks.ts';
import { messages } from '../../shell/messages.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { TaskTimes } from './task-times.tsx';

interface TrashedTaskProps {
  task: Task;
  close: ReactNode;
  onRestore: (task: Task) => void;
}

/** A task in the trash: to read and to take back. */
export function TrashedTask({ task, close, onRestore }: TrashedTaskProps) {
  return (
    <div className="flex flex-1 flex-col gap-4 px-5 pt-3 pb-5">
      <div className="flex justify-end">{close}</div>
      <h2 className="text-title font-semibold wrap-anywhere">{task.title}</h2>
      <Notice tone="caution" icon={<Trash2 aria-hidden="true" />}>
        <p>
          {messages.panel.inTrash} {messages.tasks.trashHint}
        </p>
        <Button className="mt-2.5" onClick={() => onRestore(task)}>
          <Undo2 aria-hidden="true" className="size-4" />
          {messages.tasks.restore}
        </Button>
      </Notice>
      {task.description && <p className="wrap-anywhere whitespace-pre-wrap">{task.description}</p>}
      <div className="mt-auto border-t border-line pt-4">
        <TaskTimes task={task} />
      </div>
    </div>
  );
}
