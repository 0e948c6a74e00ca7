import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { UserActor } from '../auth/actor.ts';
import { isAdministrative, type Permission } from '../auth/permissions.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { authenticate } from './authenticate.ts';
import { isFormMediaType } from './form-body.ts';
import { isJsonMediaType } from './json-body.ts';
import type { Access } from './route.ts';

/**
 * What happens to every request before its body is read: who is it, may it come in now, is its body
 * in a language that is spoken here. In that order, so that strangers learn nothing but 401.
 */
export function createGate(ctx: Context): onRequestHookHandler {
  const limits = ctx.requestLimits;

  const admitUser = (request: FastifyRequest, reply: FastifyReply, actor: UserActor) => {
    request.actor = actor;
    return after(limits.countUser(actor.userId, reply), () => {
      requireAccess(request.routeOptions.config.access, actor);
      requireJson(request);
    });
  };

  const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown) => {
    // Who guesses tokens is counted by address, like everybody without a valid one.
    const isGuess = error instanceof AppError && error.kind === 'unauthenticated';
    return after(isGuess ? limits.countAddress('default', request, reply) : undefined, () => {
      throw error;
    });
  };

  const enter = (request: FastifyRequest, reply: FastifyReply): void | Promise<void> => {
    const { access, rateLimit = 'default', credentials } = request.routeOptions.config;
    if (access === undefined || access === 'public') {
      return after(limits.countAddress(rateLimit, request, reply), () => requireJson(request));
    }
    let actor: UserActor | Promise<UserActor>;
    try {
      const isCertain = isAdministrativeWrite(request.method, access);
      actor = authenticate(ctx, request, isCertain, credentials);
    } catch (error) {
      return refuse(request, reply, error);
    }
    if (!(actor instanceof Promise)) return admitUser(request, reply, actor);
    return actor.then(
      (found) => admitUser(request, reply, found),
      (error) => refuse(request, reply, error),
    );
  };

  return (request, reply, done) => {
    try {
      const entering = enter(request, reply);
      if (entering) entering.then(() => done(), done);
      else done();
    } catch (error) {
      done(error as Error);
    }
  };
}

/** Goes on at once where there is nothing to wait for, which is the common case. */
function after(work: void | Promise<void>, next: () => void): void | Promise<void> {
  return work ? work.then(next) : next();
}

/** Changes of other people's things always ask the database whether the actor may still make them. */
function isAdministrativeWrite(method: string, access: Access): boolean {
  return method !== 'GET' && access !== 'session' && isAdministrative(access as Permission);
}

/** @throws api_token.not_allowed, foreign_token.not_allowed, permission.missing */
function requireAccess(access: Access | undefined, actor: UserActor): void {
  if (access === 'session') {
    if (actor.kind === 'foreign') throw new AppError('foreign_token.not_allowed');
    if (actor.kind !== 'user') throw new AppError('api_token.not_allowed');
  } else if (!actor.permissions.has(access as Permission)) {
    throw new AppError('permission.missing');
  }
}

function requireJson(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const mediaType = request.headers['content-type'];
  if (mediaType === undefined || isJsonMediaType(mediaType)) return;
  if (request.routeOptions.config.takesForms && isFormMediaType(mediaType)) return;
  if (isEmpty(request)) return;
  throw new AppError('request.unsupported_media_type');
}

/** Some clients name a type for a body that they do not send; whether it matters is for the parsers to say. */
function isEmpty({ headers }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return length === '0' && encoding === undefined;
}
