import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { UserActor } from '../auth/actor.ts';
import type { Permission } from '../auth/permissions.ts';
import type { RateLimitRule } from './rate-limit.ts';

/**
 * Who may call a route: everybody; somebody signed in in person, which no API token is; or whoever
 * holds the permission, in person or by an API token made for it.
 */
export type Access = 'public' | 'session' | Permission;

/**
 * What a route takes besides our own access tokens and API tokens: tokens of another front end that
 * the operator trusts, and the refresh cookie, which is only looked at there.
 */
export type Credential = 'foreign' | 'session-cookie';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Required on every route; the server does not start with a route that lacks it. */
    access?: Access;
    /** Default: none. */
    credentials?: readonly Credential[];
    /** Whether bodies may be forms as well as JSON; default: no. */
    takesForms?: boolean;
    /** Which bucket pays for requests without a valid token; default `default`. */
    rateLimit?: RateLimitRule;
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    actor: UserActor | null;
  }
}

/** The server as route files see it: schemas give handlers their types. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
