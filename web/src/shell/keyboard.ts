const isApple = /mac|iphone|ipad/i.test(navigator.platform);

/** The name of the key that goes with Z, S or Enter on this machine. */
export const commandKeyName = isApple ? '⌘' : 'Ctrl';

/** Whether the command key of this machine is held. */
export function hasCommandKey(event: KeyboardEvent | React.KeyboardEvent): boolean {
  return isApple ? event.metaKey : event.ctrlKey;
}

const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]';
const NOT_TYPING_INPUTS = new Set(['checkbox', 'radio', 'button', 'submit', 'reset']);

/** Whether a key pressed there is meant as text, or belongs to an open menu or dialog. */
export function isTypingTarget(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('dialog[open], [role="menu"]')) return true;
  const field = target.closest(TYPING);
  return !(
    field === null ||
    (field instanceof HTMLInputElement && NOT_TYPING_INPUTS.has(field.type))
  );
}
