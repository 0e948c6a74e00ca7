import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../context.ts';
import { signOutByCookie } from '../../http/cookie-session.ts';
import type { Api } from '../../http/route.ts';

const SIGN_IN_PAGE = '/login';
const PROVIDERS = { google: 'Google', github: 'GitHub' } as const;
const tags = ['Compatibility: todos'];
const response = { 302: Type.Null({ description: 'To the page that goes on with it.' }) };

/** The addresses that the front end of the todo application links to. */
export function signInRoutes(scope: Api, ctx: Context): void {
  for (const [provider, name] of Object.entries(PROVIDERS)) {
    scope.get(
      `/login/${provider}`,
      {
        config: { access: 'public' },
        schema: {
          operationId: `signInWith${name}`,
          tags,
          summary: `To the sign-in page, with ${name}`,
          response,
        },
      },
      async (_request, reply) => reply.redirect(`${SIGN_IN_PAGE}?provider=${provider}`, 302),
    );
  }

  scope.get(
    '/logout',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'followLogout',
        tags,
        summary: 'End the session of the refresh cookie, and go to the sign-in page',
        response,
      },
    },
    async (request, reply) => {
      if (isMeant(request)) await signOutByCookie(ctx, request, reply);
      return reply.redirect(SIGN_IN_PAGE, 302);
    },
  );
}

/** A link that is followed, from a page of this site or typed; not one that is only loaded ahead. */
function isMeant({ headers }: FastifyRequest): boolean {
  const purpose = headers['sec-purpose'] ?? headers.purpose ?? headers['x-moz'] ?? '';
  const site = headers['sec-fetch-site'] ?? 'same-origin';
  return !/prefetch/i.test(String(purpose)) && (site === 'same-origin' || site === 'none');
}
