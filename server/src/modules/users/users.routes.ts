import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { actorOf } from '../../http/authenticate.ts';
import { anonymousOf } from '../../http/origin.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { refTo } from '../../http/schema.ts';
import { Registration, toUserResponse, User } from './users.schema.ts';
import * as users from './users.service.ts';

/** Registration and one's own account. */
export function userRoutes(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/register',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'register',
        tags: ['Account'],
        summary: 'Make an account',
        body: Registration,
        response: { 201: Type.Object({ user: refTo(User) }), ...problems(400, 403, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const user = await users.registerUser(ctx, anonymousOf(request), request.body);
      return reply.code(201).send({ user: toUserResponse(user) });
    },
  );

  app.get(
    '/api/v1/users/me',
    {
      config: { access: 'account:read' },
      schema: {
        operationId: 'getOwnUser',
        tags: ['Account'],
        summary: "Read one's own account",
        response: { 200: refTo(User), ...problems(401, 429, 503) },
      },
    },
    async (request) => toUserResponse(await users.getOwnUser(ctx, actorOf(request))),
  );
}
