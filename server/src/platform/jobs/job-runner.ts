import { setTimeout as delay } from 'node:timers/promises';
import { type Job, type JobResult, PgBoss } from 'pg-boss';
import type { ConnectionSource } from '../postgres/connection-options.ts';
import { JobConnections } from './job-connections.ts';
import type { JobPolicy } from './job-policy.ts';
import { JOB_SCHEMA } from './job-schema.ts';

/** One attempt at a job. */
export interface Attempt {
  id: string;
  name: string;
  payload: unknown;
  /** 0 for the first one. */
  retryCount: number;
  /** Aborted when the attempt has taken too long, or the process ends. */
  signal: AbortSignal;
}

interface RunnableJob {
  name: string;
  policy: JobPolicy;
  /** When it is added by itself: a cron expression in UTC, once for all processes together. */
  schedule: string | null;
  /** What it throws makes the attempt fail. */
  run(attempt: Attempt): Promise<void>;
}

export interface JobRunnerOptions {
  /** Without a transaction pooler in between. */
  connection: ConnectionSource;
  jobs: RunnableJob[];
  onError: (error: Error) => void;
  /** How often dead processes and late attempts are looked for. */
  superviseSeconds?: number;
}

const SUPERVISE_SECONDS = 15;
/** How long handing back may take. */
const CLOSE_MS = 2000;
const ERROR_TEXT_LENGTH = 500;
/** Every queue asks at its interval, so an absent database would fill the log with one sentence. */
const ERROR_EVERY_MS = 10_000;

/** Takes waiting jobs out of the database and runs them, next to any number of other processes. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #connections: JobConnections;
  readonly #boss: PgBoss;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #stopping: Promise<void> | null = null;

  constructor(options: JobRunnerOptions) {
    const superviseSeconds = options.superviseSeconds ?? SUPERVISE_SECONDS;
    this.#options = options;
    this.#connections = new JobConnections(options.connection);
    this.#boss = new PgBoss({
      db: this.#connections,
      schema: JOB_SCHEMA,
      // The role that serves may change rows only: tables are made when migrations are applied.
      migrate: false,
      createSchema: false,
      reindex: false,
      monitorVacuum: false,
      // No job of ours waits for another one.
      flowIntervalSeconds: 3600,
      superviseIntervalSeconds: superviseSeconds,
      monitorIntervalSeconds: superviseSeconds,
    });
    this.#boss.on('error', (error) => this.#tell(error));
  }

  /** Begins to run jobs; their queues must have been declared. @throws whatever the database answers */
  async start(): Promise<void> {
    // First the schedules: the start looks at once for what is due.
    await this.#settleSchedules();
    await this.#boss.start();
    for (const job of this.#options.jobs) await this.#work(job);
  }

  /**
   * Takes no more jobs and lets those that run end; what still runs after `graceMs` is handed back, to
   * be tried again by another process.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#end(graceMs);
    return this.#stopping;
  }

  async #end(graceMs: number): Promise<void> {
    const timer = new AbortController();
    const ended = this.#options.jobs.map(({ name }) => this.#boss.offWork(name, { wait: true }));
    const late = delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(ended), late]);
    timer.abort();
    const closed = this.#boss.stop({ graceful: false }).then(() => this.#connections.close());
    // Without a database nothing can be handed back: the silence of the process tells the others.
    await Promise.race([closed, delay(CLOSE_MS, undefined, { ref: false })]);
  }

  async #settleSchedules(): Promise<void> {
    const wanted = this.#options.jobs.filter((job) => job.schedule !== null);
    for (const { name, key } of await this.#boss.getSchedules()) {
      if (!wanted.some((job) => job.name === name)) await this.#boss.unschedule(name, key);
    }
    for (const { name, schedule } of wanted) {
      // What a pause has made the cluster miss is made up for once.
      await this.#boss.schedule(name, schedule ?? '', null, { tz: 'UTC', missed: 'once' });
    }
  }

  async #work(job: RunnableJob): Promise<void> {
    const { concurrency, pollSeconds } = job.policy;
    const options = {
      batchSize: concurrency,
      burstWhenBatchFull: true,
      pollingIntervalSeconds: pollSeconds,
      perJobResults: true,
    } as const;
    await this.#boss.work<object, unknown, typeof options>(job.name, options, (batch) =>
      Promise.all(batch.map((one) => attempt(job, one))),
    );
  }

  #tell(error: Error): void {
    const nowMs = Date.now();
    if (nowMs - this.#toldAtMs < ERROR_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    this.#options.onError(error);
  }
}

/** One job's failure is its own: the others of the batch are not repeated for it. */
async function attempt(
  job: RunnableJob,
  { id, data, retryCount, signal }: Job,
): Promise<JobResult> {
  try {
    await job.run({ id, name: job.name, payload: data, retryCount, signal });
    return { id, status: 'completed' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, status: 'failed', output: { message: message.slice(0, ERROR_TEXT_LENGTH) } };
  }
}
