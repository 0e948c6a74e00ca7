import { getSession, subscribeSession } from '../../api/session.ts';

interface Undoable {
  run: () => void;
  /** Takes away the message that offers the same. */
  dismiss: () => void;
}

/** As many steps back as anybody remembers. */
const MOST_STEPS = 50;

let steps: Undoable[] = [];

/** Remembers how to take back what was just done; returns the function that does it, once. */
export function rememberUndo(run: () => void, dismiss: () => void): () => void {
  const step: Undoable = { run, dismiss };
  steps = [...steps, step].slice(-MOST_STEPS);
  return () => {
    if (!steps.includes(step)) return;
    steps = steps.filter((other) => other !== step);
    run();
  };
}

/** Takes back the latest step; `false` when there is none. */
export function undoLatest(): boolean {
  const step = steps.at(-1);
  if (!step) return false;
  steps = steps.slice(0, -1);
  step.dismiss();
  step.run();
  return true;
}

subscribeSession(() => {
  if (getSession().kind === 'signed-out') steps = [];
});
