import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; the steps lie closest where answers of a healthy server are. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface PoolStats {
  total: number;
  idle: number;
  waiting: number;
  max: number;
}

/** What the process counts and measures, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #duration: Histogram;
  readonly #observers = new Map<string, (seconds: number) => void>();
  readonly #signIns: Counter;

  constructor(poolStats: () => PoolStats) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#duration = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#signIns = new Counter({
      name: 'docket_sign_ins_total',
      help: 'Sign-ins with a password by outcome',
      labelNames: ['outcome'],
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

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    const key = `${method} ${status} ${route}`;
    let observe = this.#observers.get(key);
    if (!observe) {
      const labelled = this.#duration.labels(method, route, String(status));
      observe = (value) => labelled.observe(value);
      this.#observers.set(key, observe);
    }
    observe(seconds);
  }

  countSignIn(outcome: 'success' | 'refused'): void {
    this.#signIns.inc({ outcome });
  }

  readonly contentType = this.#registry.contentType;

  /** Everything in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
