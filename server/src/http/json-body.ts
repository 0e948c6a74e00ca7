import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';

/** RFC 8259 knows one encoding, so `charset` may say so but nothing else. */
const JSON_MEDIA_TYPE = /^application\/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?$/i;

/** Whether a `Content-Type` is JSON and nothing but. */
export function isJsonMediaType(header: string): boolean {
  return JSON_MEDIA_TYPE.test(header);
}

/**
 * Reads bodies as JSON; an empty one is none, whatever its type says. Any other media type is refused.
 * @param prototypes what becomes of fields that mean something to JavaScript: the body is malformed, or
 * they are left out
 */
export function readJsonBodies(
  app: FastifyInstance,
  prototypes: 'error' | 'remove' = 'error',
): void {
  const parseJson = app.getDefaultJsonParser(prototypes, prototypes);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_MEDIA_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (bytes.length === 0) return done(null, undefined);
    // Decoding would put U+FFFD in the place of what is no UTF-8, and so change what is stored.
    if (!isUtf8(bytes)) return done(new AppError('request.malformed'));
    void parseJson(request, bytes.toString(), (error, value) =>
      error ? done(new AppError('request.malformed', { cause: error })) : done(null, value),
    );
  });
}
