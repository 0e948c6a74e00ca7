import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { infoLines, type Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Series } from '../platform/request-durations.ts';

/** What all requests of one route have in common, kept since it is needed at every request. */
interface RouteTelemetry {
  /** The route as members of a JSON object. */
  members: string;
  byStatus: Map<number, Series>;
}

/** Measures every request by route, and writes one line about each to the log. */
export function observeRequests(app: FastifyInstance, log: Log, metrics: Metrics): void {
  const writeLine = infoLines(log);
  const byRoute = new Map<object, Map<string, RouteTelemetry>>();

  app.addHook('onResponse', (request, reply, done) => {
    const { config, url: route = 'unknown' } = request.routeOptions;
    const { method } = request;
    const byMethod = getOrAdd(byRoute, config, () => new Map<string, RouteTelemetry>());
    const { members, byStatus } = getOrAdd(byMethod, method, () => telemetryOf(method, route));
    const { statusCode, elapsedTime } = reply;
    const series = getOrAdd(byStatus, statusCode, () =>
      metrics.requests(method, route, statusCode),
    );
    series.observe(elapsedTime / 1000);
    writeLine(`${members},${requestMembers(request, reply, elapsedTime)}`, 'request');
    done();
  });
}

/** The raw path may hold a secret, so the matched route stands for it. */
function telemetryOf(method: string, route: string): RouteTelemetry {
  const members = `"method":${JSON.stringify(method)},"route":${JSON.stringify(route)}`;
  return { members, byStatus: new Map() };
}

/** Each value is a number, a UUID or an address: nothing that JSON would have to escape. */
function requestMembers(
  { id, actor, ip }: FastifyRequest,
  { statusCode }: FastifyReply,
  elapsedMs: number,
): string {
  const durationMs = Math.round(elapsedMs * 100) / 100;
  const user = actor ? `,"user_id":"${actor.userId}"` : '';
  const address = isIP(ip) ? `"${ip}"` : 'null';
  return `"request_id":"${id}","status":${statusCode},"duration_ms":${durationMs}${user},"address":${address}`;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
