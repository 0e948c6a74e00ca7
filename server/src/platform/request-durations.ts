/** Seconds; the steps lie closest where answers of a healthy server are. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const NAME = 'http_request_duration_seconds';

/** What is known of the times of one kind of request. */
export class Series {
  readonly labels: { method: string; route: string; status: string };
  /** How many answers took at most the bound of the same place and more than the one before; the last: longer. */
  readonly counts: number[] = new Array(BOUNDS.length + 1).fill(0);
  sumSeconds = 0;

  constructor(labels: Series['labels']) {
    this.labels = labels;
  }

  observe(seconds: number): void {
    let place = 0;
    while (place < BOUNDS.length && seconds > (BOUNDS[place] as number)) place += 1;
    this.counts[place] = (this.counts[place] as number) + 1;
    this.sumSeconds += seconds;
  }
}

interface Value {
  metricName: string;
  labels: Record<string, string | number>;
  value: number;
}

/**
 * A histogram of the time that requests take, by method, route and status, in the form in which a
 * registry of `prom-client` asks for it. Its own histogram checks and hashes the labels at every
 * observation, which is a fiftieth of a whole request.
 */
export class RequestDurations {
  readonly name = NAME;
  readonly #series = new Map<string, Series>();

  /** Where requests of one method, route and status are counted; always the same one for the same three. */
  seriesOf(method: string, route: string, status: number): Series {
    const key = `${status} ${method} ${route}`;
    let series = this.#series.get(key);
    if (!series) {
      series = new Series({ method, route, status: String(status) });
      this.#series.set(key, series);
    }
    return series;
  }

  /** The state of all series, buckets cumulated as Prometheus wants them. */
  async get() {
    const values = [...this.#series.values()].flatMap(valuesOf);
    const help = 'Time from the request to the end of its answer';
    return { name: NAME, help, type: 'histogram', values, aggregator: 'sum' };
  }
}

function valuesOf({ labels, counts, sumSeconds }: Series): Value[] {
  let total = 0;
  const buckets = counts.map((count, place) => {
    total += count;
    const le = BOUNDS[place] ?? '+Inf';
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: sumSeconds },
    { metricName: `${NAME}_count`, labels, value: total },
  ];
}
