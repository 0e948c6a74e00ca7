import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Context } from './context.ts';
import { bringLateTasks } from './modules/account-merges/account-merges.service.ts';
import { purgeMerges } from './modules/account-merges/purge-merges.ts';
import { purgeApiTokens } from './modules/api-tokens/api-tokens.service.ts';
import { writeCheckpoint } from './modules/audit/write-checkpoint.ts';
import { purgeAnswers } from './modules/idempotency/idempotency.service.ts';
import {
  mailEmailConfirmation,
  mailPasswordReset,
  mailVerification,
} from './modules/mail/account-links.jobs.ts';
import { ACCOUNT_MAIL_PAYLOADS } from './modules/mail/account-mail-payloads.ts';
import { mailNotice } from './modules/mail/account-notices.jobs.ts';
import { purgeTokens } from './modules/mailed-tokens/mailed-tokens.service.ts';
import { purgeFlows } from './modules/providers/provider-flows.service.ts';
import { purgeSessions } from './modules/sessions/sessions.service.ts';
import { purgeTrash } from './modules/tasks/purge-trash.ts';
import { purgeUsers } from './modules/users/purge-users.ts';
import { DEFAULT_POLICY, type JobPolicy } from './platform/jobs/job-policy.ts';
import { type Attempt, JobRunner, type JobRunnerOptions } from './platform/jobs/job-runner.ts';
import type { ConnectionSource } from './platform/postgres/connection-options.ts';
import { purgeFullBuckets } from './platform/rate-limit/postgres-buckets.ts';

/** The next time of a purge is never far. */
const PURGE_POLICY = { retryLimit: 3, expireSeconds: 1800, concurrency: 1, pollSeconds: 10 };

/** What jobs are told that come by themselves. */
const NOTHING = Type.Union([Type.Null(), Type.Object({})]);

/** What each job is told: ids, never a secret. These types are what `ctx.jobs.enqueue` accepts. */
const PAYLOADS = {
  'tasks.purge_trash': NOTHING,
  'sessions.purge': NOTHING,
  'api_tokens.purge': NOTHING,
  'idempotency.purge': NOTHING,
  'mailed_tokens.purge': NOTHING,
  'provider_flows.purge': NOTHING,
  'account_merges.purge': NOTHING,
  'users.purge': NOTHING,
  'rate_buckets.purge': NOTHING,
  'audit.checkpoint': NOTHING,
  'account_merges.bring_late_tasks': Type.Object({
    user_id: Type.String(),
    merge_id: Type.String(),
  }),
  ...ACCOUNT_MAIL_PAYLOADS,
} as const;

type JobName = keyof typeof PAYLOADS;
export type JobPayloads = { [Name in JobName]: Static<(typeof PAYLOADS)[Name]> };

/** Work that is done in the background, by one process at a time and at least once. */
interface JobDefinition<Payload> {
  policy: JobPolicy;
  /** When it is added by itself: a cron expression in UTC. */
  schedule: string | null;
  /** Must bear being done twice. A number that it answers is logged; what it throws is retried. */
  run(ctx: Context, payload: Payload, signal: AbortSignal): Promise<number | undefined>;
}

/** Every job. */
export const JOBS: { [Name in JobName]: JobDefinition<JobPayloads[Name]> } = {
  'tasks.purge_trash': purge('7 * * * *', purgeTrash),
  'sessions.purge': purge('17 * * * *', purgeSessions),
  'api_tokens.purge': purge('22 * * * *', purgeApiTokens),
  'idempotency.purge': purge('27 * * * *', purgeAnswers),
  'mailed_tokens.purge': purge('32 * * * *', purgeTokens),
  'provider_flows.purge': purge('34 * * * *', purgeFlows),
  'account_merges.purge': purge('36 * * * *', purgeMerges),
  'users.purge': purge('37 * * * *', purgeUsers),
  'rate_buckets.purge': purge('42 * * * *', purgeFullBuckets),
  'audit.checkpoint': daily('47 0 * * *', async (ctx) => (await writeCheckpoint(ctx)).checked),
  'account_merges.bring_late_tasks': job(bringLateTasks),
  'mail.verify_email': job(mailVerification),
  'mail.reset_password': job(mailPasswordReset),
  'mail.confirm_email': job(mailEmailConfirmation),
  'mail.account_notice': job(mailNotice),
};

/** How each job is repeated and given up. */
export const JOB_POLICIES: ReadonlyMap<string, JobPolicy> = new Map(
  Object.entries(JOBS).map(([name, { policy }]) => [name, policy]),
);

/** A job that comes by itself and does all there is at once. */
function daily(schedule: string, run: (ctx: Context) => Promise<number>): JobDefinition<unknown> {
  return { policy: { ...DEFAULT_POLICY, ...PURGE_POLICY }, schedule, run };
}

/** A job that somebody adds with `ctx.jobs.enqueue`. */
export function job<Payload>(
  run: (ctx: Context, payload: Payload, signal: AbortSignal) => Promise<void>,
  policy: Partial<JobPolicy> = {},
): JobDefinition<Payload> {
  return {
    policy: { ...DEFAULT_POLICY, ...policy },
    schedule: null,
    async run(ctx, payload, signal) {
      await run(ctx, payload, signal);
      return undefined;
    },
  };
}

/** A job that comes by itself and does one batch after the other until nothing is left. */
export function purge(
  schedule: string,
  batch: (ctx: Context) => Promise<number>,
): JobDefinition<unknown> {
  return {
    policy: { ...DEFAULT_POLICY, ...PURGE_POLICY },
    schedule,
    async run(ctx, _payload, signal) {
      let total = 0;
      for (;;) {
        const count = await batch(ctx);
        total += count;
        if (count === 0 || ctx.isStopping || signal.aborted) return total;
      }
    },
  };
}

/** Does one attempt at a job, as if it had been added. Answers what was counted. */
export async function runJob(
  ctx: Context,
  name: string,
  payload: unknown = null,
  signal: AbortSignal = new AbortController().signal,
): Promise<number | undefined> {
  if (!isJobName(name)) throw new Error('there is no such job');
  // Another release may have added it in another form.
  if (!Value.Check(PAYLOADS[name], payload)) throw new Error('the payload has another form');
  const definition = JOBS[name] as JobDefinition<unknown>;
  return definition.run(ctx, payload, signal);
}

function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

/** Runs every job in this process until stopped. @throws whatever the database answers */
export async function startJobs(
  ctx: Context,
  connection: ConnectionSource,
  options: Partial<Pick<JobRunnerOptions, 'superviseSeconds'>> = {},
): Promise<JobRunner> {
  const jobs = Object.entries(JOBS).map(([name, { policy, schedule }]) => ({
    name,
    policy,
    schedule,
    run: (attempt: Attempt) => runLogged(ctx, attempt),
  }));
  const onError = (err: Error) => ctx.log.warn({ err }, 'background jobs are held up');
  const runner = new JobRunner({ connection, jobs, onError, ...options });
  await runner.start();
  return runner;
}

async function runLogged(ctx: Context, attempt: Attempt): Promise<void> {
  const { id, name, retryCount, payload, signal } = attempt;
  const fields = { job: name, job_id: id, attempt: retryCount + 1 };
  try {
    const count = await runJob(ctx, name, payload, signal);
    ctx.metrics.countJobRun(name, 'success');
    ctx.log.info({ ...fields, ...(count !== undefined && { count }) }, 'job done');
  } catch (err) {
    ctx.metrics.countJobRun(name, 'failure');
    ctx.log.error({ err, ...fields }, 'job failed');
    throw err;
  }
}
