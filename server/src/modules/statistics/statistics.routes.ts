import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import * as schema from './statistics.schema.ts';
import { ServerStatistics } from './statistics.service.ts';

/** Numbers of the whole server, for those who run it. */
export function statisticsRoutes(app: Api, ctx: Context): void {
  const statistics = new ServerStatistics(ctx);

  app.get(
    '/api/v1/admin/stats',
    {
      config: { access: 'stats:read' },
      schema: {
        operationId: 'getServerStatistics',
        tags: ['Administration'],
        summary: 'Count users, tasks and sign-ins, in all and by day',
        querystring: schema.StatisticsQuery,
        response: {
          200: refTo(schema.ServerStatistics),
          ...problems(400, 401, 403, 429, 503),
        },
      },
    },
    async (request) =>
      schema.toStatisticsResponse(await statistics.get(actorOf(request), request.query)),
  );
}
