import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';

/** RFC 8259 knows one encoding, so `charset` may say so but nothing else. */
const JSON_MEDIA_TYPE = /^application\/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?$/i;

/** Whether a `Content-Type` is JSON and nothing but. */
export function isJsonMediaType(header: string): boolean {
  return JSON_MEDIA_TYPE.test(header);
}

/** Reads bodies as JSON; an empty one is none, whatever its type says. Any other media type is refused. */
export function readJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_MEDIA_TYPE, { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    void parseJson(request, body as string, (error, value) =>
      error ? done(new AppError('request.malformed', { cause: error })) : done(null, value),
    );
  });
}
