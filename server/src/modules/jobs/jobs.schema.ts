import { type Static, Type } from 'typebox';
import { Nullable, PageOf, PageQuery, Timestamp, Words } from '../../http/schema.ts';
import { toRfc3339 } from '../../platform/postgres/timestamp.ts';
import { JOB_STATES, type JobRow } from './jobs.repository.ts';

export const Job = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    queue: Type.String({ examples: ['mail.verify_email'] }),
    state: Words(JOB_STATES),
    retry_count: Type.Integer({ description: 'Attempts after the first one.' }),
    created_at: Timestamp,
    started_at: Nullable(Timestamp),
    completed_at: Nullable(Timestamp),
    last_error: Nullable(Type.String({ description: 'Why the last attempt failed.' })),
  },
  { $id: 'Job' },
);
export type Job = Static<typeof Job>;

export const JobPage = PageOf(Job);

export const JobQuery = Type.Object(
  {
    state: Type.Optional(Words(JOB_STATES)),
    queue: Type.Optional(Type.String({ 'x-text': 'trim', maxLength: 100 })),
    ...PageQuery.properties,
  },
  { additionalProperties: false },
);

export const JobParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** The job as the API shows it: without its payload, which may point at persons. */
export function toJobResponse(row: JobRow): Job {
  return {
    id: row.id,
    queue: row.queue,
    state: row.state,
    retry_count: row.retry_count,
    created_at: toRfc3339(row.created_at),
    started_at: toRfc3339(row.started_at),
    completed_at: toRfc3339(row.completed_at),
    last_error: row.last_error,
  };
}
