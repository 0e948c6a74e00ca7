import type { Context } from '../../context.ts';
import { sessionActorOf } from '../../http/authenticate.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { EmptyBody, PageQuery, toPage } from '../../http/schema.ts';
import * as schema from './session-list.schema.ts';
import * as sessions from './session-list.service.ts';

const config = { access: 'session' } as const;
const tags = ['Sessions'];

/** One's own sessions: see them, end them. */
export function sessionListRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/users/me/sessions',
    {
      config,
      schema: {
        operationId: 'listSessions',
        tags,
        summary: "List one's sessions, the one used last first",
        querystring: PageQuery,
        response: { 200: schema.SessionPage, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const actor = sessionActorOf(request);
      const page = await sessions.listSessions(ctx, actor, request.query);
      return toPage(page, (row) => schema.toSessionResponse(row, actor));
    },
  );

  app.delete(
    '/api/v1/users/me/sessions/:id',
    {
      config,
      schema: {
        operationId: 'endSession',
        tags,
        summary: "End one of one's sessions",
        params: schema.SessionParams,
        body: EmptyBody,
        response: { ...noContent, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      await sessions.revokeSession(ctx, sessionActorOf(request), request.params.id);
      return reply.code(204).send();
    },
  );

  app.delete(
    '/api/v1/users/me/sessions',
    {
      config,
      schema: {
        operationId: 'endSessions',
        tags,
        summary: "End all of one's other sessions, or all",
        querystring: schema.EndQuery,
        body: EmptyBody,
        response: { ...noContent, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { include_current: isCurrentIncluded = false } = request.query;
      await sessions.revokeSessions(ctx, sessionActorOf(request), isCurrentIncluded);
      return reply.code(204).send();
    },
  );
}
