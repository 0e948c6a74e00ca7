import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { AnonymousActor, Origin } from '../auth/actor.ts';

const MAX_USER_AGENT_LENGTH = 512;

/** Where a request comes from; worked out when asked for, which most requests never need. */
export class RequestOrigin implements Origin {
  readonly #request: FastifyRequest;

  constructor(request: FastifyRequest) {
    this.#request = request;
  }

  get requestId(): string {
    return this.#request.id;
  }

  get address(): string | null {
    // The zone of a link-local address means something on this machine only, and nothing to PostgreSQL.
    const address = this.#request.ip.split('%')[0] ?? '';
    return isIP(address) ? address : null;
  }

  get userAgent(): string | null {
    const text = this.#request.headers['user-agent'];
    return text?.slice(0, MAX_USER_AGENT_LENGTH).toWellFormed() ?? null;
  }
}

/** Whoever sends a request that needs no sign-in. */
export function anonymousOf(request: FastifyRequest): AnonymousActor {
  return { kind: 'anonymous', origin: new RequestOrigin(request) };
}
