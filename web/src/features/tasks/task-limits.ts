import { messages } from '../../shell/messages.ts';

const LONGEST_TITLE = 200;
const LONGEST_DESCRIPTION = 2000;

/** Length as the server counts it: code points, without white space at the ends. */
function lengthOf(text: string): number {
  return Array.from(text.trim()).length;
}

/** Why a title cannot be saved, or `undefined`. */
export function titleProblem(title: string): string | undefined {
  const length = lengthOf(title);
  if (length === 0) return messages.tasks.titleMissing;
  return length > LONGEST_TITLE ? messages.tasks.titleTooLong(length - LONGEST_TITLE) : undefined;
}

/** Why a description cannot be saved, or `undefined`. */
export function descriptionProblem(description: string): string | undefined {
  const over = lengthOf(description) - LONGEST_DESCRIPTION;
  return over > 0 ? messages.tasks.textTooLong(over) : undefined;
}
