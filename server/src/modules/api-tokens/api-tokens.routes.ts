import type { Context } from '../../context.ts';
import { sessionActorOf } from '../../http/authenticate.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { EmptyBody, PageQuery, toPage } from '../../http/schema.ts';
import * as schema from './api-tokens.schema.ts';
import * as apiTokens from './api-tokens.service.ts';

const config = { access: 'session' } as const;
const tags = ['API tokens'];

/** One's own API tokens, which programs use in one's place. */
export function apiTokenRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/users/me/api-tokens',
    {
      config,
      schema: {
        operationId: 'listApiTokens',
        tags,
        summary: "List one's API tokens, the newest first",
        querystring: PageQuery,
        response: { 200: schema.ApiTokenPage, ...problems(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const page = await apiTokens.listApiTokens(ctx, sessionActorOf(request), request.query);
      return toPage(page, schema.toApiTokenResponse);
    },
  );

  app.post(
    '/api/v1/users/me/api-tokens',
    {
      config,
      schema: {
        operationId: 'createApiToken',
        tags,
        summary: 'Make an API token',
        description:
          'The token is in this answer and nowhere else. At most 100 are good at a time.',
        body: schema.NewApiToken,
        response: { 201: schema.MadeApiToken, ...problems(400, 401, 403, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name, scopes, expires_at: expiresAt } = request.body;
      const input = { name, scopes, expiresAt };
      const made = await apiTokens.createApiToken(ctx, sessionActorOf(request), input);
      const apiToken = schema.toApiTokenResponse(made.apiToken);
      return reply.code(201).send({ ...apiToken, token: made.token });
    },
  );

  app.delete(
    '/api/v1/users/me/api-tokens/:id',
    {
      config,
      schema: {
        operationId: 'revokeApiToken',
        tags,
        summary: "Revoke one of one's API tokens",
        params: schema.ApiTokenParams,
        body: EmptyBody,
        response: { ...noContent, ...problems(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      await apiTokens.revokeApiToken(ctx, sessionActorOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
}
