import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { hasCommandKey, isTypingTarget } from './keyboard.ts';

export type ShortcutGroup = 'anywhere' | 'list' | 'task';

export interface Shortcut {
  /** `KeyboardEvent.key` values that each trigger it. */
  keys: string[];
  /** With Ctrl or ⌘ held; then the key never counts as text. */
  withCommand?: boolean;
  label: string;
  group: ShortcutGroup;
  /** Returns `false` when there was nothing to do, so that the browser's own meaning remains. */
  run: (event: KeyboardEvent) => unknown;
}

let active: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function setActive(next: readonly Shortcut[]): void {
  active = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The bindings in force, in order of appearance. */
export function useActiveShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => active);
}

function matches(shortcut: Shortcut, event: KeyboardEvent): boolean {
  if ((shortcut.withCommand ?? false) !== hasCommandKey(event)) return false;
  return shortcut.keys.includes(event.key);
}

/** Handles one key press: the first binding that fits runs. Never while text is typed. */
export function handleShortcut(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || isTypingTarget(event.target)) return;
  // AltGr, which types # or ~ on some layouts, reads as Ctrl and Alt held.
  if (event.altKey && !event.getModifierState('AltGraph')) return;
  const shortcut = active.find((candidate) => matches(candidate, event));
  if (shortcut && shortcut.run(event) !== false) event.preventDefault();
}

/** Puts bindings in force while the component is shown. `shortcuts` may change in every render. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const runLatest = useEffectEvent((index: number, event: KeyboardEvent) =>
    shortcuts[index]?.run(event),
  );
  const shape = shortcuts.map((s) => `${s.group} ${s.keys.join()} ${s.withCommand}`).join(';');
  const read = useEffectEvent(() =>
    shortcuts.map((shortcut, index) => ({
      ...shortcut,
      run: (event: KeyboardEvent) => runLatest(index, event),
    })),
  );
  useEffect(() => {
    if (!shape) return;
    const mine = read();
    setActive([...active, ...mine]);
    return () => setActive(active.filter((shortcut) => !mine.includes(shortcut)));
  }, [shape]);
}
