import { sql } from 'kysely';
import type { Queryable } from '../../platform/postgres/database.ts';
import { adhoc, defineStatement } from '../../platform/postgres/statement.ts';

export const JOB_STATES = [
  'created',
  'retry',
  'active',
  'completed',
  'cancelled',
  'failed',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job without its payload, which may point at persons. */
export interface JobRow {
  id: string;
  queue: string;
  state: JobState;
  retry_count: number;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  last_error: string | null;
}

export interface JobCount {
  queue: string;
  state: JobState;
  count: number;
}

interface Filter {
  state?: JobState;
  queue?: string;
  limit: number;
  after?: { createdAt: string; id: string };
}

// Copies in the queue of dead letters and pg-boss's own queue are not jobs that somebody has added.
const IS_OWN = sql`name <> 'dead_letters' and name not like '\\_\\_pgboss\\_\\_%'`;

/** A page of jobs, newest first. */
export function listJobs(db: Queryable, { state, queue, limit, after }: Filter): Promise<JobRow[]> {
  const conditions = [
    IS_OWN,
    ...(state === undefined ? [] : [sql`state = ${state}::jobs.job_state`]),
    ...(queue === undefined ? [] : [sql`name = ${queue}`]),
    ...(after === undefined
      ? []
      : [sql`(created_on, id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`]),
  ];
  // The time with all its digits: a cursor cut to milliseconds would skip or repeat jobs.
  const query = sql<JobRow>`
    select id, name as queue, state::text, retry_count, created_on as created_at,
      started_on as started_at, completed_on as completed_at,
      coalesce(output ->> 'message', output -> 'value' ->> 'message') as last_error
    from jobs.job where ${sql.join(conditions, sql` and `)}
    order by created_on desc, id desc limit ${limit}`;
  return db.run(adhoc(query));
}

const retryStatement = defineStatement<{ id: string }, { id: string }>(
  'jobs.retry',
  (p) => sql`
    with dead as (
      delete from jobs.job where name = 'dead_letters' and source_id = ${p.id}::uuid and state <> 'active'
    )
    update jobs.job set state = 'retry', retry_limit = retry_limit + 1, completed_on = null,
      start_after = now(), keep_until = now() + interval '30 days'
    where id = ${p.id}::uuid and state = 'failed' and ${IS_OWN} returning id`,
);

/** Lets a job that has failed for good be tried once more; its dead letter goes. Answers whether there was one. */
export async function retryJob(db: Queryable, id: string): Promise<boolean> {
  return (await db.run(retryStatement({ id }))).length > 0;
}

const existsStatement = defineStatement<{ id: string }, { id: string }>(
  'jobs.exists',
  (p) => sql`select id from jobs.job where id = ${p.id}::uuid and ${IS_OWN}`,
);

/** Whether there is such a job, in whatever state. */
export async function hasJob(db: Queryable, id: string): Promise<boolean> {
  return (await db.run(existsStatement({ id }))).length > 0;
}

/**
 * Jobs that wait are counted in their index, which holds no others; those that run or have failed
 * are as many as the last inspection by a process that runs jobs has found.
 */
const countStatement = defineStatement<Record<never, never>, JobCount>(
  'jobs.count',
  () => sql`
    select name as queue, state::text, count(*) from jobs.job
    where state < 'active' and not blocked and ${IS_OWN} group by name, state
    union all select name, 'active', active_count from jobs.queue where ${IS_OWN}
    union all select name, 'failed', failed_count from jobs.queue where ${IS_OWN}`,
);

/** How many jobs wait, run and have failed, by queue. */
export function countJobs(db: Queryable): Promise<JobCount[]> {
  return db.run(countStatement({}));
}
