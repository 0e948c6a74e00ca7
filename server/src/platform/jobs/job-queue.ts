import { sql } from 'kysely';
import type { Queryable } from '../postgres/queryable.ts';
import { adhoc, defineStatement } from '../postgres/statement.ts';
import { DEAD_LETTERS, type JobPolicy, KEEP_SECONDS, WAIT_SECONDS } from './job-policy.ts';

interface EnqueueOptions {
  /** Not before so many seconds have passed; by default at once. */
  startAfterSeconds?: number;
  /** While a job of the kind with this key waits for its first attempt, no second one is added. */
  singletonKey?: string;
}

interface NewJob {
  name: string;
  payload: string;
  startAfterSeconds: number;
  singletonKey: string | null;
}

const SECOND = sql`interval '1 second'`;

/** What a job is run by stands in its own row, as pg-boss wants it, so that later changes do not touch it. */
const insertJob = defineStatement<NewJob>(
  'jobs.insert',
  (p) => sql`
    insert into jobs.job (name, data, start_after, keep_until, singleton_key, policy, retry_limit,
      retry_delay, retry_backoff, retry_delay_max, expire_seconds, deletion_seconds, dead_letter,
      heartbeat_seconds)
    select queue.name, given.data, given.start_after,
      given.start_after + queue.retention_seconds * ${SECOND}, given.singleton_key,
      case when given.singleton_key is null then queue.policy else 'short' end, queue.retry_limit,
      queue.retry_delay, queue.retry_backoff, queue.retry_delay_max, queue.expire_seconds,
      queue.deletion_seconds, queue.dead_letter, queue.heartbeat_seconds
    from jobs.queue, (select ${p.payload}::jsonb as data, ${p.singletonKey}::text as singleton_key,
      now() + ${p.startAfterSeconds}::int * ${SECOND} as start_after) as given
    where queue.name = ${p.name}
    on conflict do nothing`,
);

/** Reads every job there is: for what happens seldom. */
const deleteJobs = defineStatement<{ key: string; value: string }>(
  'jobs.forget',
  (p) => sql`delete from jobs.job where lower(data ->> ${p.key}) = lower(${p.value})`,
);

/** Puts work into the database, to be done by some process at least once. */
export class JobQueue<Payloads extends object> {
  readonly #db: Queryable;
  readonly #policies: ReadonlyMap<string, JobPolicy>;
  #isDeclared = false;

  constructor(db: Queryable, policies: ReadonlyMap<string, JobPolicy>) {
    this.#db = db;
    this.#policies = policies;
  }

  /** Makes every kind of job known to the database. @throws DatabaseUnavailable */
  async start(): Promise<void> {
    await this.#declare(this.#db);
    this.#isDeclared = true;
  }

  /**
   * Adds a job through `db`: in a transaction it exists if and only if that commits. It runs at least
   * once, so what it does must bear being done twice. The payload is kept for weeks and may be seen by
   * administrators of the database: ids only, never a secret. Answers false where a job with the same
   * `singletonKey` waits already.
   * @throws DatabaseUnavailable
   */
  async enqueue<Name extends keyof Payloads & string>(
    db: Queryable,
    name: Name,
    payload: Payloads[Name],
    { startAfterSeconds = 0, singletonKey }: EnqueueOptions = {},
  ): Promise<boolean> {
    // Commands that never start the queue still may enqueue.
    if (!this.#isDeclared) await this.#declare(db);
    const count = await db.execute(
      insertJob({
        name,
        payload: JSON.stringify(payload),
        startAfterSeconds,
        singletonKey: singletonKey ?? null,
      }),
    );
    if (count === 0 && singletonKey === undefined) throw new Error(`there is no queue ${name}`);
    return count > 0;
  }

  /**
   * Takes every job out, done or not, that was told a value under a key, in whatever case; for the
   * erasure of a person. @throws DatabaseUnavailable
   */
  async forget(db: Queryable, key: string, value: string): Promise<void> {
    await db.execute(deleteJobs({ key, value }));
  }

  async #declare(db: Queryable): Promise<void> {
    const queues = [...this.#policies].map(([name, policy]) => ({ name, ...columnsOf(policy) }));
    const deadLetters = { name: DEAD_LETTERS, ...DEAD_LETTER_COLUMNS };
    await db.execute(adhoc(upsertQueues(JSON.stringify([deadLetters, ...queues]))));
  }
}

function columnsOf(policy: JobPolicy) {
  return {
    retry_limit: policy.retryLimit,
    retry_delay: policy.retryDelaySeconds,
    retry_delay_max: policy.retryDelayMaxSeconds,
    expire_seconds: policy.expireSeconds,
    heartbeat_seconds: policy.heartbeatSeconds,
    retention_seconds: WAIT_SECONDS,
    dead_letter: DEAD_LETTERS,
  };
}

/** Nobody runs dead letters: they wait until their time is over or somebody has looked at them. */
const DEAD_LETTER_COLUMNS = {
  retry_limit: 0,
  retry_delay: 0,
  retry_delay_max: null,
  expire_seconds: 900,
  heartbeat_seconds: null,
  retention_seconds: KEEP_SECONDS,
  dead_letter: null,
};

/** In the order of names, so that processes that start together do not wait for each other in a ring. */
function upsertQueues(queues: string) {
  return sql`
    insert into jobs.queue (name, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max,
      expire_seconds, heartbeat_seconds, retention_seconds, deletion_seconds, dead_letter, partition,
      table_name, created_on, updated_on)
    select name, 'standard', retry_limit, retry_delay, retry_delay_max is not null, retry_delay_max,
      expire_seconds, heartbeat_seconds, retention_seconds, ${KEEP_SECONDS}::int, dead_letter, false,
      'job_common', now(), now()
    from jsonb_to_recordset(${queues}::jsonb) as queues (name text, retry_limit int, retry_delay int,
      retry_delay_max int, expire_seconds int, heartbeat_seconds int, retention_seconds int,
      dead_letter text)
    order by name = ${DEAD_LETTERS} desc, name
    on conflict (name) do update set retry_limit = excluded.retry_limit,
      retry_delay = excluded.retry_delay, retry_backoff = excluded.retry_backoff,
      retry_delay_max = excluded.retry_delay_max, expire_seconds = excluded.expire_seconds,
      heartbeat_seconds = excluded.heartbeat_seconds,
      retention_seconds = excluded.retention_seconds, deletion_seconds = excluded.deletion_seconds,
      dead_letter = excluded.dead_letter, updated_on = excluded.updated_on
    where (queue.retry_limit, queue.retry_delay, queue.retry_delay_max, queue.expire_seconds,
      queue.heartbeat_seconds, queue.retention_seconds, queue.deletion_seconds, queue.dead_letter)
      is distinct from (excluded.retry_limit, excluded.retry_delay, excluded.retry_delay_max,
      excluded.expire_seconds, excluded.heartbeat_seconds, excluded.retention_seconds,
      excluded.deletion_seconds, excluded.dead_letter)`;
}
