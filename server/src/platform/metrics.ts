import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { Counts } from './counts.ts';
import { RequestDurations, type Series } from './request-durations.ts';

interface PoolStats {
  total: number;
  idle: number;
  waiting: number;
  max: number;
}

/** What the process counts and measures, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #durations = new RequestDurations();
  readonly #signIns: Counter;
  /** What was found in caches and what was not, by cache and level. */
  readonly cacheRequests = new Counts(
    'docket_cache_requests_total',
    'Questions to caches by cache, level and outcome',
  );
  /** What buckets decided, by rule and by who decided. */
  readonly rateDecisions = new Counts(
    'docket_rate_limit_decisions_total',
    'Requests counted by limits, by rule, by the store that decided, and by outcome',
  );
  /** What came of sign-ins at providers. */
  readonly providerAnswers = new Counts(
    'docket_provider_answers_total',
    'Sign-ins that came back from providers, by provider and outcome',
  );
  readonly #jobRuns: Counter;
  readonly #mails: Counter;

  constructor(poolStats: () => PoolStats) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    // The registry only ever asks a metric for its name and its state.
    const { cacheRequests, rateDecisions, providerAnswers } = this;
    for (const own of [this.#durations, cacheRequests, rateDecisions, providerAnswers]) {
      this.#registry.registerMetric(own as unknown as Metric);
    }
    this.#signIns = new Counter({
      name: 'docket_sign_ins_total',
      help: 'Sign-ins, with a password or by a provider, by outcome',
      labelNames: ['outcome'],
      registers,
    });
    this.#jobRuns = new Counter({
      name: 'docket_jobs_run_total',
      help: 'Attempts at background jobs by queue and outcome',
      labelNames: ['queue', 'outcome'],
      registers,
    });
    this.#mails = new Counter({
      name: 'docket_mails_total',
      help: 'Mails by template and outcome',
      labelNames: ['template', 'outcome'],
      registers,
    });
    const connections = new Gauge({
      name: 'docket_database_connections',
      help: 'Connections of the pool by state, and statements that wait for one',
      labelNames: ['state'],
      registers,
      collect() {
        const { total, idle, waiting, max } = poolStats();
        connections.set({ state: 'busy' }, total - idle);
        connections.set({ state: 'idle' }, idle);
        connections.set({ state: 'waiting' }, waiting);
        connections.set({ state: 'max' }, max);
      },
    });
  }

  /** Reports whether Redis answers; without Redis nothing is reported. */
  watchRedis(isUp: () => boolean): void {
    const up: Gauge = new Gauge({
      name: 'docket_redis_up',
      help: 'Whether Redis answers',
      registers: [this.#registry],
      collect() {
        up.set(isUp() ? 1 : 0);
      },
    });
  }

  /** Where the times of one kind of request are counted. */
  requests(method: string, route: string, status: number): Series {
    return this.#durations.seriesOf(method, route, status);
  }

  countSignIn(outcome: 'success' | 'refused' | 'unverified'): void {
    this.#signIns.inc({ outcome });
  }

  /** Reports how many jobs there are; `read` is asked at every scrape. */
  watchJobs(read: () => Promise<{ queue: string; state: string; count: number }[]>): void {
    const jobs: Gauge = new Gauge({
      name: 'docket_jobs',
      help: 'Background jobs by queue and state',
      labelNames: ['queue', 'state'],
      registers: [this.#registry],
      async collect() {
        const counts = await read();
        jobs.reset();
        for (const { queue, state, count } of counts) jobs.set({ queue, state }, count);
      },
    });
  }

  countMail(template: string, outcome: 'sent' | 'failed' | 'logged'): void {
    this.#mails.inc({ template, outcome });
  }

  countJobRun(queue: string, outcome: 'success' | 'failure'): void {
    this.#jobRuns.inc({ queue, outcome });
  }

  readonly contentType = this.#registry.contentType;

  /** Everything in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
