import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { AppError } from '../errors.ts';
import { isJsonMediaType } from '../http/json-body.ts';
import { type Detail, ValidationFailed } from './fastapi-errors.ts';
import { type FieldSchema, readValue } from './fastapi-values.ts';
import { jsonErrorOffset } from './json-error-offset.ts';

/** What an object may hold: the parts of JSON Schema that decide over it. */
interface ObjectSchema {
  properties: Record<string, FieldSchema>;
  required?: string[];
  'x-optional'?: boolean;
}

const MISSING = { msg: 'Field required', type: 'missing' };

/**
 * Reads bodies and validates requests of a scope as FastAPI does: what is not known is ignored, what
 * is wrong is 422 with every field that is wrong.
 */
export function readLikeFastApi(scope: FastifyInstance): void {
  const parseJson = scope.getDefaultJsonParser('remove', 'remove');
  scope.removeAllContentTypeParsers();
  // Also what comes without a type: programs leave it out, and the earlier servers took it for JSON.
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (bytes.length === 0) return done(null, undefined);
    const mediaType = request.headers['content-type'];
    if (mediaType !== undefined && !isJsonMediaType(mediaType)) {
      return done(new AppError('request.unsupported_media_type'));
    }
    if (!isUtf8(bytes)) return done(malformed(0));
    const text = bytes.toString();
    void parseJson(request, text, (error, value) =>
      error ? done(malformed(jsonErrorOffset(text), error)) : done(null, value),
    );
  });
  scope.setValidatorCompiler(compileValidator);
}

const compileValidator: FastifySchemaCompiler<ObjectSchema> = ({ schema, httpPart }) => {
  if (httpPart === 'headers') return () => true;
  if (httpPart === 'params') return (data) => resultOf(() => readPath(schema, data));
  if (httpPart === 'querystring') return (data) => resultOf(() => readQuery(schema, data));
  return (data) => resultOf(() => readBody(schema, data));
};

/**
 * The known fields of a body.
 * @throws ValidationFailed
 */
export function readBody(schema: ObjectSchema, data: unknown): Record<string, unknown> {
  // Fastify hands over null where there is no body.
  if (data === null || data === undefined) {
    if (schema['x-optional']) return {};
    throw new ValidationFailed([{ loc: ['body'], ...MISSING }]);
  }
  if (typeof data !== 'object' || Array.isArray(data)) {
    throw new AppError('request.unsupported_media_type');
  }
  return readFields(schema, data as Record<string, unknown>, 'body');
}

/** Text alone; of a repeated parameter the last counts. */
function readQuery(schema: ObjectSchema, data: unknown): Record<string, unknown> {
  const entries = Object.entries(data as Record<string, unknown>).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.at(-1) : value,
  ]);
  return readFields(schema, Object.fromEntries(entries), 'query');
}

/** Checked only, since an id too large for any task is as absent as any other. */
function readPath(schema: ObjectSchema, data: unknown): unknown {
  readFields(schema, data as Record<string, unknown>, 'path');
  return data;
}

function readFields(
  { properties, required = [] }: ObjectSchema,
  data: Record<string, unknown>,
  part: 'body' | 'query' | 'path',
): Record<string, unknown> {
  const details: Detail[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(properties)) {
    if (!Object.hasOwn(data, name)) {
      if (required.includes(name)) details.push({ loc: [part, name], ...MISSING });
      continue;
    }
    const read = readValue(field, data[name]);
    if ('value' in read) fields[name] = read.value;
    else details.push({ loc: [part, name], msg: read.problem.msg, type: read.problem.type });
  }
  if (details.length > 0) throw new ValidationFailed(details);
  return fields;
}

function resultOf(read: () => unknown): { value: unknown } | { error: Error } {
  try {
    return { value: read() };
  } catch (error) {
    return { error: error as Error };
  }
}

function malformed(offset: number, cause?: unknown): ValidationFailed {
  const detail = { loc: ['body', offset], msg: 'JSON decode error', type: 'json_invalid' };
  return new ValidationFailed([detail], { cause });
}
