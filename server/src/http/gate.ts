import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { UserActor } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { authenticate } from './authenticate.ts';
import { isJsonMediaType } from './json-body.ts';
import { RequestLimits } from './rate-limit.ts';

/**
 * What happens to every request before its body is read: who is it, may it come in now, is its body
 * in a language that is spoken here. In that order, so that strangers learn nothing but 401.
 */
export function createGate(ctx: Context): onRequestHookHandler {
  const limits = new RequestLimits(ctx.config.rateLimits, ctx.rateBuckets);

  const admitUser = (request: FastifyRequest, reply: FastifyReply, actor: UserActor) => {
    request.actor = actor;
    limits.countUser(actor.userId, reply);
    requireJson(request);
  };

  const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown): never => {
    // Who guesses tokens is counted by address, like everybody without a valid one.
    if (error instanceof AppError && error.kind === 'unauthenticated') {
      limits.countAddress('default', request, reply);
    }
    throw error;
  };

  return (request, reply, done) => {
    try {
      const { access, rateLimit = 'default' } = request.routeOptions.config;
      if (access !== 'user') {
        limits.countAddress(rateLimit, request, reply);
        requireJson(request);
        return done();
      }
      const actor = attempt(
        () => authenticate(ctx, request),
        (error) => refuse(request, reply, error),
      );
      if (!(actor instanceof Promise)) {
        admitUser(request, reply, actor);
        return done();
      }
      actor
        .then(
          (found) => admitUser(request, reply, found),
          (error) => refuse(request, reply, error),
        )
        .then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  };
}

function attempt<T>(work: () => T, onError: (error: unknown) => never): T {
  try {
    return work();
  } catch (error) {
    return onError(error);
  }
}

function requireJson(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const mediaType = request.headers['content-type'];
  if (mediaType !== undefined && !isJsonMediaType(mediaType)) {
    throw new AppError('request.unsupported_media_type');
  }
}
