import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';

/** Mean delay of the event loop over a period beyond which answers would come too late anyway. */
const MAX_MEAN_DELAY_MS = 500;
const PERIOD_MS = 1000;
const RESOLUTION_MS = 10;
const RETRY_AFTER_SECONDS = 2;

/**
 * Refuses requests with 503 while the event loop cannot keep up, until a period goes better.
 * Measuring begins when the server is ready: the work of starting says nothing about its load.
 */
export function shedLoad(app: FastifyInstance): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let isOverloaded = false;
  let timer: NodeJS.Timeout | undefined;

  app.addHook('onReady', (done) => {
    delays.enable();
    timer = setInterval(() => {
      isOverloaded = delays.mean / 1e6 - RESOLUTION_MS > MAX_MEAN_DELAY_MS;
      delays.reset();
    }, PERIOD_MS).unref();
    done();
  });
  app.addHook('onClose', (_instance, done) => {
    clearInterval(timer);
    delays.disable();
    done();
  });

  app.addHook('onRequest', (request, _reply, done) => {
    // Probes must see that the process lives, or it would be restarted for being busy.
    if (!isOverloaded || request.routeOptions.url === '/health') return done();
    done(new AppError('server.overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS }));
  });
}
