import type { Context } from './context.ts';
import { purgeAnswers } from './modules/idempotency/idempotency.service.ts';
import { purgeSessions } from './modules/sessions/sessions.service.ts';
import { purgeTrash } from './modules/tasks/purge-trash.ts';

/** Work that Docket does by itself. Each run does one batch and answers how much it found to do. */
export interface Job {
  name: string;
  everyMs: number;
  /** Safe to run in several processes at once: they skip each other's rows. */
  run(ctx: Context): Promise<number>;
}

const HOUR_MS = 3_600_000;

/** Every job. */
export const JOBS: readonly Job[] = [
  { name: 'tasks.purge_trash', everyMs: HOUR_MS, run: purgeTrash },
  { name: 'sessions.purge', everyMs: HOUR_MS, run: purgeSessions },
  { name: 'idempotency.purge', everyMs: HOUR_MS, run: purgeAnswers },
];

/** Runs a job batch by batch until nothing is left; answers how much there was. */
export async function runJob(ctx: Context, job: Job): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await job.run(ctx);
    total += count;
    if (count === 0 || ctx.isStopping) return total;
  }
}

/** Runs every job at its interval, first soon after the start, until stopped. */
export function startSchedule(ctx: Context): { stop(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const start = (job: Job) => {
    const run = runJob(ctx, job)
      .then((count) => ctx.log.info({ job: job.name, count }, 'job done'))
      .catch((err) => ctx.log.error({ err, job: job.name }, 'job failed'))
      .finally(() => running.delete(run));
    running.add(run);
  };
  const timers = JOBS.flatMap((job) => [
    // Replicas that start together should not all purge at the same moment.
    setTimeout(() => start(job), 60_000 * (1 + Math.random())),
    setInterval(() => start(job), job.everyMs),
  ]);
  for (const timer of timers) timer.unref();
  return {
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.allSettled(running);
    },
  };
}
