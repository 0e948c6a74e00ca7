import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { Nullable, PageOf, PageQuery, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { BULK_ACTIONS } from './bulk-tasks.repository.ts';
import { parseTaskId } from './task-id.ts';
import { TASK_SORTS } from './task-sort.ts';
import { TASK_STATUSES, type TaskRow } from './tasks.repository.ts';

const MAX_ID = Number.MAX_SAFE_INTEGER;
const MAX_BULK_IDS = 500;

const TaskId = Type.Integer({ minimum: 1, maximum: MAX_ID, examples: [246_045_081_600_123] });
const Status = Words(TASK_STATUSES, { examples: ['pending'] });
const Title = Type.String({
  'x-text': 'trim',
  minLength: 1,
  maxLength: 200,
  examples: ['Water the plants'],
});
const Description = Nullable(
  Type.String({ 'x-text': 'trim', maxLength: 2000, examples: ['The ones on the balcony too'] }),
);
const closed = { additionalProperties: false };

export const NewTask = Type.Object(
  {
    title: Title,
    description: Type.Optional(Description),
    status: Type.Optional(Status),
    id: Type.Optional({
      ...TaskId,
      description: 'Chosen by the client, so that the request can be repeated safely.',
    }),
  },
  closed,
);

export const WholeTask = Type.Object(
  { title: Title, description: Description, status: Status },
  closed,
);

export const TaskChange = Type.Partial(WholeTask, closed);

export const Completion = Type.Object({ completed: Type.Boolean() }, closed);

export const BulkRequest = Type.Object(
  {
    action: Words(BULK_ACTIONS),
    ids: Type.Array(TaskId, { minItems: 1, maxItems: MAX_BULK_IDS }),
  },
  closed,
);

export const BulkResult = Type.Object({
  affected: Type.Integer({ description: 'How many tasks have changed.' }),
  missing: Type.Array(Type.Integer(), { description: 'Ids that were not found.' }),
});

export const TaskCounts = Type.Object({
  pending: Type.Integer(),
  in_progress: Type.Integer(),
  completed: Type.Integer(),
  trashed: Type.Integer(),
});

export const Task = Type.Object(
  {
    id: Type.Integer({ examples: [246_045_081_600_123] }),
    title: Type.String(),
    description: Nullable(Type.String()),
    status: Status,
    completed: Type.Boolean(),
    completed_at: Nullable(Timestamp),
    version: Type.Integer(),
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Nullable(Timestamp),
  },
  { $id: 'Task' },
);
export type Task = Static<typeof Task>;

export const TaskPage = PageOf(Task);

const from = Type.Optional({ ...Timestamp, description: 'At or after.' });
const to = Type.Optional({ ...Timestamp, description: 'Before.' });

export const TaskQuery = Type.Object(
  {
    status: Type.Optional(Status),
    completed: Type.Optional(Type.Boolean()),
    q: Type.Optional(
      Type.String({
        'x-text': 'trim',
        maxLength: 200,
        description:
          'Words that title or description contain, all of them, without regard to case.',
      }),
    ),
    created_from: from,
    created_to: to,
    updated_from: from,
    updated_to: to,
    completed_from: from,
    completed_to: to,
    deleted: Type.Optional(Type.Boolean({ default: false, description: 'The trash instead.' })),
    sort: Type.Optional(
      Words(TASK_SORTS, { default: 'default', description: '`default`: open first, then newest.' }),
    ),
    ...PageQuery.properties,
  },
  closed,
);
export type TaskQuery = Static<typeof TaskQuery>;

export const TaskParams = Type.Object({ id: TaskId });

/**
 * The id in a path. Validation only looks at path parameters, which stay text; a malformed one is
 * answered exactly as an absent one.
 * @throws task.not_found
 */
export function taskIdOf({ params }: FastifyRequest): number {
  const id = parseTaskId((params as { id: string }).id);
  if (id === null) throw new AppError('task.not_found');
  return id;
}

/** The task as the API shows it. */
export function toTaskResponse(row: TaskRow): Task {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    status: row.status,
    completed: row.status === 'completed',
    completed_at: toRfc3339(row.completed_at),
    version: row.version,
    created_at: toRfc3339(row.created_at),
    updated_at: toRfc3339(row.updated_at),
    deleted_at: toRfc3339(row.deleted_at),
  };
}
