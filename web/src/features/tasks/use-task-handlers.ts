import { type RefObject, useMemo, useRef } from 'react';
import type { Task } from '../../api/tasks.ts';
import { getOverlay, withPendingChanges } from './pending-changes.ts';
import { deleteTask, restoreTask, toggleCompletion } from './task-actions.ts';
import { findKnownTask } from './task-cache.ts';
import { moveCursorTo } from './task-cursor.ts';
import { PANEL_ID } from './task-panel.tsx';
import type { TaskRow } from './task-projection.ts';
import { belongsTo } from './task-views.ts';
import type { useTaskAddress } from './use-task-address.ts';
import { neighbourOf } from './use-task-shortcuts.ts';

interface Page {
  rows: readonly TaskRow[];
  address: ReturnType<typeof useTaskAddress>;
  startsInTitle: RefObject<boolean>;
}

/** What the page does with a task, by pointer or key. The functions stay the same between renders. */
export function useTaskHandlers(page: Page) {
  const latest = useRef(page);
  latest.current = page;

  return useMemo(() => {
    const isOpen = (task: Task) => latest.current.address.taskId === task.id;

    /** Moves on to the neighbour, before the row leaves. */
    const moveOn = (task: Task) => {
      const next = neighbourOf(task, latest.current.rows);
      if (next) moveCursorTo(next.id);
      else document.getElementById('tasks')?.focus();
    };

    const toggle = (task: Task, alwaysMovesOn: boolean) => {
      if (task.deleted_at !== null) return;
      const completed = !task.completed;
      const isLeaving = !belongsTo({ ...task, completed }, latest.current.address.scope.view);
      if (!isFocusInPanel() && (alwaysMovesOn || isLeaving)) moveOn(task);
      toggleCompletion(task);
    };

    return {
      onOpen: (task: Task) => latest.current.address.openTask(task.id),
      onEdit: (task: Task) => {
        if (isOpen(task)) {
          document.querySelector<HTMLElement>('[data-task-title]')?.focus();
          return;
        }
        latest.current.startsInTitle.current = task.deleted_at === null;
        latest.current.address.openTask(task.id);
      },
      onToggle: (task: Task) => toggle(task, false),
      onToggleByKey: (task: Task) => toggle(task, true),
      onDelete: (task: Task) => {
        if (task.deleted_at !== null) return;
        moveOn(task);
        if (isOpen(task)) latest.current.address.closeTask();
        deleteTask(task);
      },
      onRestore: (task: Task) => {
        if (!isFocusInPanel()) moveOn(task);
        restoreTask(task);
      },
      onClose: () => {
        const { taskId, closeTask } = latest.current.address;
        closeTask();
        if (taskId !== undefined) moveCursorTo(taskId);
      },
      /** `false` when there is nothing to leave. */
      onLeave: () => {
        const { taskId, closeTask } = latest.current.address;
        if (taskId === undefined) return false;
        closeTask();
        moveCursorTo(taskId);
        return true;
      },
      /** The task in the panel while the focus is in there. */
      findFocusedTask: () => {
        const { taskId } = latest.current.address;
        if (taskId === undefined || !isFocusInPanel()) return undefined;
        return withPendingChanges(findKnownTask(taskId), taskId, getOverlay().changes);
      },
    };
  }, []);
}

function isFocusInPanel(): boolean {
  return document.activeElement?.closest(`#${PANEL_ID}`) != null;
}
