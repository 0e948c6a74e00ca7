import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { SessionActor } from '../../auth/actor.ts';
import type { Context } from '../../context.ts';
import { AppError, type ErrorCode } from '../../errors.ts';
import { keepSignedIn } from '../../http/cookie-session.ts';
import type { FlowCookie } from '../../http/flow-cookie.ts';
import { leadOn, refuseBrowsersWith } from '../../http/lead-on.ts';
import { onwardPage } from '../../http/onward-page.ts';
import { anonymousOf } from '../../http/origin.ts';
import { problems } from '../../http/responses.ts';
import type { Api } from '../../http/route.ts';
import { offerMerge } from '../account-merges/merge-offers.service.ts';
import { linkIdentity } from '../identities/link-identity.service.ts';
import { signInByIdentity } from '../identities/sign-in-by-identity.service.ts';
import { findSessionByRefreshToken } from '../sessions/sessions.service.ts';
import {
  type Callback,
  type Flow,
  finishFlow,
  lookAtFlow,
  requireProvider,
} from './provider-flows.service.ts';
import { linkProblemPage, signInProblemPage } from './provider-pages.ts';
import { ProviderParams } from './providers.schema.ts';

/** Set by ourselves, once, when a browser comes from another site and keeps the session cookie back. */
const ONWARD = 'onward';

/** Where a browser comes back from a provider. */
export function callbackRoute(app: Api, ctx: Context, cookie: FlowCookie): void {
  app.get(
    '/api/v1/auth/:provider/callback',
    {
      config: { access: 'public' },
      errorHandler: refuseBrowsersWith(signInProblemPage),
      schema: {
        operationId: 'finishSignInWithProvider',
        tags: ['Sign-in providers'],
        summary: 'Where a provider leads back to',
        description:
          'For browsers: signs in or connects, and leads to a page of the web application, also where that was refused.',
        params: ProviderParams,
        response: {
          302: Type.Null({ description: 'To where the browser goes on.' }),
          200: {
            description: 'A page that leads back here, from this site.',
            content: { 'text/html': { schema: Type.String() } },
          },
          ...problems(429, 503),
        },
      },
    },
    async (request, reply) => {
      const { provider } = request.params;
      let problemPage = signInProblemPage;
      const pageFor = (code: ErrorCode) => problemPage(provider, code);
      return leadOn(reply, ctx.log, pageFor, async () => {
        const url = new URL(request.url, ctx.publicUrl);
        const isOnward = url.searchParams.has(ONWARD);
        url.searchParams.delete(ONWARD);
        const callback = {
          provider: requireProvider(ctx, provider),
          browserSecret: cookie.read(request),
          url,
        };
        const flow = await lookAtFlow(ctx, callback);
        if (flow.kind === 'sign-in') return finishSignIn(ctx, request, reply, { callback, flow });
        problemPage = linkProblemPage;
        if (ctx.refreshCookie.read(request) === null && !isOnward) {
          url.searchParams.set(ONWARD, 'true');
          return onwardPage(reply, url.pathname + url.search);
        }
        return finishLink(ctx, request, { callback, flow });
      });
    },
  );
}

interface Finishing<Kind extends Flow['kind']> {
  callback: Callback;
  flow: Extract<Flow, { kind: Kind }>;
}

async function finishSignIn(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { callback, flow: { isRemembered, returnTo } }: Finishing<'sign-in'>,
): Promise<string> {
  const identity = await finishFlow(ctx, callback);
  const signedIn = await signInByIdentity(ctx, anonymousOf(request), identity, { isRemembered });
  keepSignedIn(ctx, reply, signedIn);
  return returnTo;
}

/** Only in the session that asked for it: another person may sit at this browser by now. */
async function finishLink(
  ctx: Context,
  request: FastifyRequest,
  { callback, flow }: Finishing<'link'>,
): Promise<string> {
  const { provider } = callback;
  const actor = await linkingActor(ctx, request, flow);
  const linking = await linkIdentity(ctx, actor, await finishFlow(ctx, callback));
  switch (linking.kind) {
    case 'linked':
      return `${flow.returnTo}?linked=${provider}`;
    case 'already_linked':
      return `${flow.returnTo}?linked=${provider}&already=true`;
    case 'taken': {
      const token = await offerMerge(ctx, actor, linking.ownerId);
      return `${linkProblemPage(provider, 'provider.identity_taken')}#merge=${token}`;
    }
  }
}

async function linkingActor(
  ctx: Context,
  request: FastifyRequest,
  { userId, sessionId }: Finishing<'link'>['flow'],
): Promise<SessionActor> {
  const token = ctx.refreshCookie.read(request);
  if (token === null) throw new AppError('session.invalid');
  const session = await findSessionByRefreshToken(ctx, token);
  if (session.userId !== userId || session.sessionId !== sessionId) {
    throw new AppError('provider.flow_invalid');
  }
  return { kind: 'user', ...session, origin: anonymousOf(request).origin };
}
