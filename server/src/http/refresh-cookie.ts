import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { AppError } from '../errors.ts';

/** The refresh cookie of one server, and who may make use of it. */
export class RefreshCookie {
  readonly #name: string;
  readonly #isSecure: boolean;
  readonly #sameSite: Config['cookieSameSite'];
  readonly #allowedOrigins: ReadonlySet<string>;

  /** @param publicUrl origin of the server; with https the cookie is `Secure` and bound to the host by its prefix */
  constructor(publicUrl: string, config: Pick<Config, 'cookieSameSite' | 'corsOrigins'>) {
    this.#isSecure = publicUrl.startsWith('https:');
    this.#name = this.#isSecure ? '__Host-docket_refresh' : 'docket_refresh';
    this.#sameSite = config.cookieSameSite;
    this.#allowedOrigins = new Set([publicUrl, ...config.corsOrigins]);
  }

  read(request: FastifyRequest): string | null {
    const header = request.headers.cookie;
    return (header && parseCookie(header)[this.#name]) || null;
  }

  set(reply: FastifyReply, token: string, maxAgeSeconds: number): void {
    reply.header('set-cookie', this.#serialize(token, maxAgeSeconds));
  }

  clear(reply: FastifyReply): void {
    reply.header('set-cookie', this.#serialize('', 0));
  }

  /**
   * Refuses requests that another site's page made the browser send. Requests of programs carry
   * neither header and pass: they have no cookie that they did not choose to send.
   * @throws origin.refused
   */
  requireSameOrigin(request: FastifyRequest): void {
    const { origin } = request.headers;
    const isRefused =
      origin === undefined
        ? request.headers['sec-fetch-site'] === 'cross-site'
        : !this.#allowedOrigins.has(origin);
    if (isRefused) throw new AppError('origin.refused');
  }

  #serialize(value: string, maxAge: number): string {
    return stringifySetCookie({
      name: this.#name,
      value,
      httpOnly: true,
      secure: this.#isSecure,
      sameSite: this.#sameSite,
      path: '/',
      maxAge,
    });
  }
}
