import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { anonymousOf } from '../../http/origin.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { toUserResponse, User } from '../users/users.schema.ts';
import { SetUp } from './setup.schema.ts';
import { setUp } from './setup.service.ts';

/** The first administrator. */
export function setupRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/setup',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'setUp',
        tags: ['Account'],
        summary: 'Make the first administrator, with the token of the link that the server printed',
        description: 'The link is good as long as there is no administrator.',
        body: SetUp,
        response: { 201: Type.Object({ user: refTo(User) }), ...problems(400, 409, 410, 429, 503) },
      },
    },
    async (request, reply) => {
      const user = await setUp(ctx, anonymousOf(request), request.body);
      return reply.code(201).send({ user: toUserResponse(user) });
    },
  );
}
