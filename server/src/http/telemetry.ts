import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { infoLines, type Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';

/** Measures every request by route, and writes one line about each to the log. */
export function observeRequests(app: FastifyInstance, log: Log, metrics: Metrics): void {
  const writeLine = infoLines(log);
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { statusCode, elapsedTime } = reply;
    metrics.observeRequest(request.method, route, statusCode, elapsedTime / 1000);
    // The raw path may hold a secret, so the matched route stands for it.
    writeLine(
      {
        request_id: request.id,
        method: request.method,
        route,
        status: statusCode,
        duration_ms: Math.round(elapsedTime * 100) / 100,
        user_id: request.actor?.userId,
        address: isIP(request.ip) ? request.ip : null,
      },
      'request',
    );
    done();
  });
}
