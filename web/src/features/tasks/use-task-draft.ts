import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { ApiError } from '../../api/problem.ts';
import { getSession } from '../../api/session.ts';
import type { Task } from '../../api/tasks.ts';
import { describeError } from '../../shell/describe-error.ts';
import { messages } from '../../shell/messages.ts';
import { showToast } from '../../ui/toast-store.ts';
import { saveTask } from './save-task.ts';
import {
  differs,
  isOvertaken,
  readTaskDraft,
  type TaskDraft,
  writeTaskDraft,
} from './task-drafts.ts';
import { descriptionProblem, titleProblem } from './task-limits.ts';

type SaveState = { kind: 'idle' | 'saving' | 'saved' } | { kind: 'refused'; reason: string };

const baseOf = ({ title, description, version }: Task) => ({ title, description, version });

const isVersionMismatch = (error: unknown) =>
  error instanceof ApiError && error.code === 'task.version_mismatch';

const isStill = (a: TaskDraft | undefined, b: TaskDraft) =>
  a?.title === b.title && a?.description === b.description;

/**
 * The texts of a task while a person edits them: kept in the browser until the server has confirmed them.
 * `stored` is the task as the server has it, `shown` with everything painted ahead.
 */
export function useTaskDraft(userId: string, stored: Task, shown: Task) {
  const [draft, setDraft] = useState(() => readTaskDraft(userId, shown.id));
  const [isRecovered, setRecovered] = useState(() => draft !== undefined && differs(draft, shown));
  const [state, setState] = useState<SaveState>({ kind: 'idle' });
  const underWay = useRef(0);
  const isDirty = draft !== undefined && differs(draft, shown);
  const isConflict = draft !== undefined && isDirty && isOvertaken(draft, shown);

  function keep(next: TaskDraft | undefined) {
    setDraft(next);
    const isWorthKeeping = next && (differs(next, shown) || differs(next, stored));
    writeTaskDraft(userId, shown.id, isWorthKeeping ? next : undefined);
  }

  function edit(texts: { title?: string; description?: string }) {
    const base = draft && isDirty ? draft.base : baseOf(shown);
    keep({ ...(isDirty ? draft : {}), ...texts, base });
    setState({ kind: 'idle' });
  }

  async function send(toSave: TaskDraft) {
    underWay.current += 1;
    setState({ kind: 'saving' });
    setRecovered(false);
    try {
      await saveTask(shown, toSave);
      if (isStill(readTaskDraft(userId, shown.id), toSave))
        writeTaskDraft(userId, shown.id, undefined);
      setDraft((current) => (isStill(current, toSave) ? undefined : current));
      if (underWay.current === 1) setState({ kind: 'saved' });
    } catch (error) {
      // The text may rest on what was painted ahead and is now taken back.
      if (!isVersionMismatch(error))
        setDraft((current) => current && { ...current, base: toSave.base });
      setState({ kind: 'refused', reason: describeError(error) });
      showToast({
        tone: 'problem',
        text: messages.tasks.failed.save(shown.title),
        detail: describeError(error),
        durationMs: UNSAVED_TOAST_MS,
      });
    } finally {
      underWay.current -= 1;
    }
  }

  function save() {
    if (draft && !isDirty) {
      if (!differs(draft, stored)) writeTaskDraft(userId, shown.id, undefined);
      setDraft(undefined);
    }
    if (!draft || !isDirty || isConflict || !isValid(draft)) return;
    void send(draft);
  }

  const saveOnLeaving = useEffectEvent(() => {
    if (getSession().kind === 'signed-in' && !isRecovered) save();
  });
  useEffect(() => () => saveOnLeaving(), []);

  const typedTitle = draft?.title === shown.title ? undefined : draft?.title;

  return {
    title: draft?.title ?? shown.title,
    description: draft?.description ?? shown.description ?? '',
    /** Why the title that was typed cannot be saved; one that came from elsewhere may be longer. */
    titleProblem: typedTitle === undefined ? undefined : titleProblem(typedTitle),
    isDirty,
    isRecovered: isRecovered && isDirty && !isConflict,
    isConflict,
    state,
    edit,
    save,
    /** Saves the person's text over the newer version. */
    saveOverOther() {
      if (!draft) return;
      const rebased = { ...draft, base: baseOf(stored) };
      keep(rebased);
      void send(rebased);
    },
    discard() {
      keep(undefined);
      setRecovered(false);
      setState({ kind: 'idle' });
    },
  };
}

/** A refused save stands beside the text as well; the message covers the case that the panel is closed by then. */
const UNSAVED_TOAST_MS = 10_000;

function isValid(draft: TaskDraft): boolean {
  const { title, description } = draft;
  return (
    (title === undefined || titleProblem(title) === undefined) &&
    (description === undefined || descriptionProblem(description) === undefined)
  );
}
