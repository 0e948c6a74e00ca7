import { type Static, Type } from 'typebox';
import { Nullable, Timestamp, Words } from '../../http/schema.ts';
import type { TaskRow } from '../../modules/tasks/tasks.service.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import {
  Description,
  NullableCompleted,
  NullableStatus,
  NullableTitle,
  STATUSES,
  Title,
} from '../task-input.ts';

const MAX_LIMIT = 1000;

export const FlatTaskParams = Type.Object({ id: Type.Integer() });

export const FlatTaskQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LIMIT, description: 'Left out: all tasks.' }),
  ),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  status: Type.Optional(Words(STATUSES)),
  completed: Type.Optional(Type.Boolean()),
});

export const NewFlatTask = Type.Object({
  title: Title,
  description: Type.Optional(Description),
  status: Type.Optional(NullableStatus),
});

export const FlatTaskChange = Type.Object({
  title: Type.Optional(NullableTitle),
  description: Type.Optional(Description),
  status: Type.Optional(NullableStatus),
  completed: Type.Optional(NullableCompleted),
});

export const FlatTask = Type.Object(
  {
    id: Type.Integer({ examples: [246_045_081_600_123] }),
    user_id: Type.String(),
    title: Type.String(),
    description: Nullable(Type.String()),
    status: Words(STATUSES),
    completed: Type.Boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Nullable(Timestamp),
  },
  { $id: 'FlatTask' },
);
export type FlatTask = Static<typeof FlatTask>;

/** The task as this API shows it; `userId` is what the caller's token calls the user. */
export function toFlatTask(row: TaskRow, userId: string): FlatTask {
  return {
    id: row.id,
    user_id: userId,
    title: row.title,
    description: row.description,
    status: row.status,
    completed: row.status === 'completed',
    created_at: toRfc3339(row.created_at),
    updated_at: toRfc3339(row.updated_at),
    completed_at: toRfc3339(row.completed_at),
  };
}
