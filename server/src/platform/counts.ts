/** One number that only grows. */
export class Count {
  value = 0;
}

/**
 * A counter with labels, in the form in which a registry of `prom-client` asks for it. Whoever counts
 * on the way of every request keeps the `Count` of its labels: looking labels up costs more than
 * what is counted.
 */
export class Counts {
  readonly name: string;
  readonly #help: string;
  readonly #counts = new Map<string, { labels: Record<string, string>; count: Count }>();

  constructor(name: string, help: string) {
    this.name = name;
    this.#help = help;
  }

  /** What is counted under these labels; always the same one for the same labels in the same order. */
  of(labels: Record<string, string>): Count {
    const key = JSON.stringify(labels);
    let found = this.#counts.get(key);
    if (!found) {
      found = { labels, count: new Count() };
      this.#counts.set(key, found);
    }
    return found.count;
  }

  /** The state of all counts. */
  async get() {
    const values = [...this.#counts.values()].map(({ labels, count }) => ({
      labels,
      value: count.value,
    }));
    return { name: this.name, help: this.#help, type: 'counter', values, aggregator: 'sum' };
  }
}
