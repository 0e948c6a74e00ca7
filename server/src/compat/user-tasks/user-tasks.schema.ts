import { type Static, Type } from 'typebox';
import { Nullable, Timestamp } from '../../http/schema.ts';
import type { TaskRow } from '../../modules/tasks/tasks.service.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { Description, NullableCompleted, NullableTitle, Title } from '../task-input.ts';

export const UserParams = Type.Object({ user_id: Type.String() });

export const UserTaskParams = Type.Object({ user_id: Type.String(), id: Type.Integer() });

export const NewUserTask = Type.Object({
  title: Title,
  description: Type.Optional(Description),
});

export const UserTaskChange = Type.Object({
  title: Type.Optional(NullableTitle),
  description: Type.Optional(Description),
  completed: Type.Optional(NullableCompleted),
});

export const UserTaskCompletion = Type.Object({ completed: Type.Boolean() });

export const UserTask = Type.Object(
  {
    id: Type.Integer({ examples: [246_045_081_600_123] }),
    user_id: Type.String(),
    title: Type.String(),
    description: Nullable(Type.String()),
    completed: Type.Boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'UserTask' },
);
export type UserTask = Static<typeof UserTask>;

/** The task as this API shows it; `userId` is what the path calls the user. */
export function toUserTask(row: TaskRow, userId: string): UserTask {
  return {
    id: row.id,
    user_id: userId,
    title: row.title,
    description: row.description,
    completed: row.status === 'completed',
    created_at: toRfc3339(row.created_at),
    updated_at: toRfc3339(row.updated_at),
  };
}
