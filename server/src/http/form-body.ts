import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

const FORM_MEDIA_TYPE = /^(application\/x-www-form-urlencoded|multipart\/form-data)[ \t]*(;.*)?$/i;

/** Whether a `Content-Type` is that of a form. */
export function isFormMediaType(header: string): boolean {
  return FORM_MEDIA_TYPE.test(header);
}

/**
 * Reads forms, for the routes of a scope that declare `takesForms`. Of a repeated field the last
 * counts; files are left out.
 */
export function readFormBodies(scope: FastifyInstance): void {
  const options = { parseAs: 'buffer' } as const;
  scope.addContentTypeParser(FORM_MEDIA_TYPE, options, (request: FastifyRequest, body: Buffer) =>
    readForm(body, request.headers['content-type'] ?? ''),
  );
}

async function readForm(body: Buffer, mediaType: string): Promise<Record<string, unknown>> {
  const headers = { 'content-type': mediaType };
  try {
    const form = await new Response(new Uint8Array(body), { headers }).formData();
    return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
  } catch (error) {
    throw new AppError('request.malformed', { cause: error });
  }
}
