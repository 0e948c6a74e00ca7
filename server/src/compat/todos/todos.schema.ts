import { type Static, Type } from 'typebox';
import { refTo } from '../../http/schema.ts';
import type { TaskRow } from '../../modules/tasks/tasks.service.ts';

/** Longer than titles elsewhere: the earlier server had no limit of its own. */
export const MAX_TEXT_LENGTH = 2000;

/** Kept as it is, white space at both ends included. */
const Text = Type.String({
  'x-text': 'keep',
  minLength: 1,
  maxLength: MAX_TEXT_LENGTH,
  examples: ['Water the plants'],
});

export const NewTodo = Type.Object({ text: Text });

export const TodoChange = Type.Object({
  text: Type.Optional(Text),
  completed: Type.Optional(Type.Boolean()),
});

export const TodoParams = Type.Object({ id: Type.Integer() });

export const Todo = Type.Object(
  {
    id: Type.Integer({ examples: [246_045_081_600_123] }),
    text: Type.String(),
    completed: Type.Boolean(),
  },
  { $id: 'Todo' },
);
export type Todo = Static<typeof Todo>;

export const TodoError = Type.Object(
  { error: Type.String() },
  { $id: 'TodoError', description: 'How the todo API refuses.' },
);

const DESCRIPTIONS: Record<number, string> = {
  400: 'The body is not what it should be.',
  401: '`Authentication required`.',
  403: 'Not allowed, or another site made the browser send it.',
  404: '`Todo not found`.',
  429: 'Too many requests; wait for `Retry-After` seconds.',
  503: 'Not able to answer now; try again after `Retry-After` seconds.',
};

/** Response schemas of refusals, for the description of a route. */
export function refusals<const S extends number>(...statuses: S[]) {
  const entries = statuses.map((status) => [
    status,
    { ...refTo(TodoError), description: DESCRIPTIONS[status] ?? 'Refused.' },
  ]);
  return Object.fromEntries(entries) as Record<S, never>;
}

/** The task as a todo. */
export function toTodo(row: TaskRow): Todo {
  return { id: row.id, text: row.title, completed: row.status === 'completed' };
}
