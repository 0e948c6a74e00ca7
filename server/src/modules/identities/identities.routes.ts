import type { Context } from '../../context.ts';
import { sessionActorOf } from '../../http/authenticate.ts';
import { countOwnPassword } from '../../http/own-password.ts';
import { noContent, problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { OwnPassword } from '../users/account.schema.ts';
import { IdentityList, IdentityParams, toIdentityResponse } from './identities.schema.ts';
import { listOwnIdentities, unlinkIdentity } from './own-identities.service.ts';

const config = { access: 'session' } as const;
const tags = ['Account'];

/** By which others one signs in: see them, disconnect them. */
export function identityRoutes(app: Api, ctx: Context): void {
  app.get(
    '/api/v1/users/me/providers',
    {
      config,
      schema: {
        operationId: 'listIdentities',
        tags,
        summary: "List the sign-in providers that are connected to one's own account",
        response: { 200: IdentityList, ...problems(401, 403, 429, 503) },
      },
    },
    async (request) => {
      const rows = await listOwnIdentities(ctx, sessionActorOf(request));
      return { items: rows.map(toIdentityResponse) };
    },
  );

  app.delete(
    '/api/v1/users/me/providers/:id',
    {
      config,
      schema: {
        operationId: 'unlinkIdentity',
        tags,
        summary: "Disconnect a sign-in provider from one's own account",
        description:
          'Needs a fresh sign-in or the password. The last way to sign in cannot be taken away; other sessions stay.',
        params: IdentityParams,
        body: OwnPassword,
        response: { ...noContent, ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const actor = sessionActorOf(request);
      const password = request.body?.password;
      await countOwnPassword(ctx, request, reply, password);
      await unlinkIdentity(ctx, actor, request.params.id, password);
      return reply.code(204).send();
    },
  );
}
