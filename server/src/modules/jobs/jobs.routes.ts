import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { Accepted, EmptyBody, toPage } from '../../http/schema.ts';
import * as schema from './jobs.schema.ts';
import * as jobs from './jobs.service.ts';

const tags = ['Administration'];

/** Background jobs: what waits, runs, has failed. */
export function jobRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/admin/jobs',
    {
      config: { access: 'jobs:read' },
      schema: {
        operationId: 'listJobs',
        tags,
        summary: 'List background jobs, the newest first',
        querystring: schema.JobQuery,
        response: { 200: schema.JobPage, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const page = await jobs.listJobs(ctx, actorOf(request), request.query);
      return toPage(page, schema.toJobResponse);
    },
  );

  app.post(
    '/api/v1/admin/jobs/:id/retry',
    {
      config: { access: 'jobs:write' },
      schema: {
        operationId: 'retryJob',
        tags,
        summary: 'Run a background job again that has failed for good',
        params: schema.JobParams,
        body: EmptyBody,
        response: { 202: Accepted, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      await jobs.retryJob(ctx, actorOf(request), request.params.id);
      return reply.code(202).send({ status: 'accepted' });
    },
  );
}
