import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { anonymousOf } from '../../http/origin.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { Accepted, refTo } from '../../http/schema.ts';
import { accountLinkRoutes } from './account-links.routes.ts';
import { ownAccountRoutes } from './own-account.routes.ts';
import { registerUniformly, registerUser } from './registration.service.ts';
import { Registration, toUserResponse, User } from './users.schema.ts';

/** Registration, mailed links and one's own account. */
export function userRoutes(app: Api, ctx: Context): void {
  registrationRoute(app, ctx);
  accountLinkRoutes(app, ctx);
  ownAccountRoutes(app, ctx);
}

function registrationRoute(app: Api, ctx: Context): void {
  app.post(
    '/api/v1/register',
    {
      config: { access: 'public', rateLimit: 'sign-in' },
      schema: {
        operationId: 'register',
        tags: ['Account'],
        summary: 'Make an account',
        description:
          'A link that verifies the address is mailed to it. With `REGISTRATION=uniform` every well-formed request is answered with 202, whether or not the address has an account.',
        body: Registration,
        response: {
          201: Type.Object({ user: refTo(User) }),
          202: Accepted,
          ...problems(400, 403, 409, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const actor = anonymousOf(request);
      if (ctx.config.registration === 'uniform') {
        await registerUniformly(ctx, actor, request.body);
        return reply.code(202).send({ status: 'accepted' });
      }
      const user = await registerUser(ctx, actor, request.body);
      return reply.code(201).send({ user: toUserResponse(user) });
    },
  );
}
