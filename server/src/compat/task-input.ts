import { Type } from 'typebox';
import { Nullable } from '../http/schema.ts';
import type { TaskChangeInput, TaskStatus } from '../modules/tasks/tasks.service.ts';

export const STATUSES = ['pending', 'in_progress', 'completed'] as const satisfies TaskStatus[];

export const Title = Type.String({ 'x-text': 'trim', minLength: 1, maxLength: 200 });
export const Description = Nullable(Type.String({ 'x-text': 'trim', maxLength: 2000 }));

/** In a change null is no title, status or completion, so it stands for "as it is". */
export const NullableTitle = Nullable(Title);
export const NullableCompleted = Nullable(Type.Boolean());
export const NullableStatus = Type.Unsafe<TaskStatus | null>({
  type: ['string', 'null'],
  enum: [...STATUSES, null],
});

/** A change as the earlier APIs write it. */
interface ChangeBody {
  title?: string | null;
  description?: string | null;
  status?: TaskStatus | null;
  completed?: boolean | null;
}

/** The fields that a change names; null clears a description and leaves everything else as it is. */
export function toTaskChange(body: ChangeBody): TaskChangeInput {
  const { title, description, status, completed } = body;
  return {
    ...(typeof title === 'string' && { title }),
    ...(description !== undefined && { description }),
    ...(typeof status === 'string' && { status }),
    ...(typeof completed === 'boolean' && { completed }),
  };
}
