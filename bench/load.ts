import autocannon from 'autocannon';

/** One request of a scenario; a scenario cycles through its requests. */
export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface LoadResult {
  rps: number;
  p95Ms: number;
}

const CONNECTIONS = 32;
/** Connections begin so far apart in the list, or all would ask for the same user at once. */
const SPREAD = 7;

/**
 * Sends requests for some seconds over 32 connections, each cycling through the list from a place of its own.
 * @throws Error when any answer is not a 2xx
 */
export async function load(
  port: number,
  requests: LoadRequest[],
  seconds: number,
): Promise<LoadResult> {
  let started = 0;
  const responseTimesMs: number[] = [];
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(
      {
        url: `http://127.0.0.1:${port}`,
        connections: CONNECTIONS,
        duration: seconds,
        requests,
        setupClient: (client) => {
          started += 1;
          const start = (started * SPREAD) % requests.length;
          client.setRequests([...requests.slice(start), ...requests.slice(0, start)]);
        },
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    running.on('response', (_client, _status, _bytes, timeMs) => responseTimesMs.push(timeMs));
  });
  if (result.non2xx > 0 || result.errors > 0) {
    const statuses = JSON.stringify(result.statusCodeStats);
    throw new Error(`not only 2xx: ${statuses}, ${result.errors} errors`);
  }
  return { rps: result.requests.total / result.duration, p95Ms: percentile95(responseTimesMs) };
}

function percentile95(values: number[]): number {
  const sorted = Float64Array.from(values).sort();
  return Math.round((sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN) * 10) / 10;
}
