import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOneTimeToken, newOneTimeToken } from '../auth/one-time-token.ts';

/**
 * The cookie that tells the browser which began a sign-in at a provider from every other. All flows of a
 * browser share it, so that several tabs can be at a provider at once. It comes back with the provider's
 * redirect, hence `Lax`.
 */
export class FlowCookie {
  readonly #name: string;
  readonly #isSecure: boolean;
  readonly #maxAgeSeconds: number;

  constructor(publicUrl: string, maxAgeSeconds: number) {
    this.#isSecure = publicUrl.startsWith('https:');
    this.#name = this.#isSecure ? '__Host-docket_sign_in' : 'docket_sign_in';
    this.#maxAgeSeconds = maxAgeSeconds;
  }

  /** The secret of the browser; null: it has none. */
  read(request: FastifyRequest): string | null {
    const header = request.headers.cookie;
    const value = header && parseCookie(header)[this.#name];
    return value && isOneTimeToken(value) ? value : null;
  }

  /** The secret of the browser, a new one where it has none, kept for the length of one more flow. */
  ensure(request: FastifyRequest, reply: FastifyReply): string {
    const value = this.read(request) ?? newOneTimeToken();
    reply.header(
      'set-cookie',
      stringifySetCookie({
        name: this.#name,
        value,
        httpOnly: true,
        secure: this.#isSecure,
        sameSite: 'lax',
        path: '/',
        maxAge: this.#maxAgeSeconds,
      }),
    );
    return value;
  }
}
