import {
  _,
  Ajv,
  type CodeKeywordDefinition,
  type ErrorObject,
  type KeywordCxt,
  type SchemaObject,
  str,
  type ValidateFunction,
} from 'ajv';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { isEmailAddress } from '../auth/email-address.ts';
import { AppError, type FieldError } from '../errors.ts';

const MAX_REPORTED_ERRORS = 20;

const FORMAT_DETAILS: Record<string, string> = {
  email: 'must be an e-mail address such as ada@example.org',
  'date-time': 'must be a time such as 2026-01-31T09:00:00.000Z',
};

/**
 * `x-text: 'trim' | 'keep'` on a string schema: refuses NUL and lone surrogates (neither can be
 * stored), and with `trim` removes white space at both ends before its length is checked.
 * `String.prototype.trim` removes exactly Unicode's White_Space, line ends and U+FEFF.
 */
const textKeyword: CodeKeywordDefinition = {
  keyword: 'x-text',
  type: 'string',
  schemaType: 'string',
  before: 'maxLength',
  error: { message: 'must not contain NUL or unpaired surrogates' },
  code(cxt: KeywordCxt): void {
    const { gen, data, schema, it } = cxt;
    cxt.fail(_`${data}.includes("\\u0000") || !${data}.isWellFormed()`);
    if (schema === 'trim') {
      gen.if(_`${it.parentData} !== undefined`, () => {
        gen.assign(data, _`${data}.trim()`);
        gen.assign(_`${it.parentData}[${it.parentDataProperty}]`, data);
      });
    }
  },
};

/** `x-max-bytes: n` on a string schema: at most so many bytes in UTF-8. */
const maxBytesKeyword: CodeKeywordDefinition = {
  keyword: 'x-max-bytes',
  type: 'string',
  schemaType: 'number',
  error: { message: ({ schemaCode }) => str`must have at most ${schemaCode} bytes` },
  code(cxt: KeywordCxt): void {
    cxt.fail(_`Buffer.byteLength(${cxt.data}) > ${cxt.schema}`);
  },
};

function createAjv(isCoercing: boolean): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes: isCoercing,
    removeAdditional: false,
    useDefaults: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
  });
  formats.default(ajv);
  ajv.addFormat('email', { type: 'string', validate: isEmailAddress });
  ajv.addKeyword(textKeyword);
  ajv.addKeyword(maxBytesKeyword);
  for (const annotation of ['example', 'x-enum-descriptions']) ajv.addKeyword(annotation);
  return ajv;
}

/**
 * Compiles the validators of a route. Bodies are taken as they are: nothing is coerced, dropped or
 * guessed. Query strings carry only text, so their values are coerced. Path parameters pass
 * unchecked: a malformed id is answered by its handler exactly as an absent one.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<SchemaObject> {
  const strict = createAjv(false);
  const coercing = createAjv(true);
  return ({ schema, httpPart }) => {
    if (httpPart === 'params' || httpPart === 'headers') return () => true;
    const ajv = httpPart === 'body' ? strict : coercing;
    const validate: ValidateFunction = ajv.compile(schema);
    return (data: unknown) => {
      if (validate(data)) return { value: data };
      return { error: requestInvalid(validate.errors ?? []) };
    };
  };
}

function requestInvalid(errors: ErrorObject[]): AppError {
  // A failed branch of a union is reported by the union itself as well.
  const fields = errors.slice(0, MAX_REPORTED_ERRORS).map(toFieldError);
  return new AppError('request.invalid', { errors: fields });
}

function toFieldError(error: ErrorObject): FieldError {
  const { keyword, params, instancePath } = error;
  switch (keyword) {
    case 'required':
      return { pointer: childPointer(instancePath, params.missingProperty), detail: 'is required' };
    case 'additionalProperties':
      return {
        pointer: childPointer(instancePath, params.additionalProperty),
        detail: 'is not a known field',
      };
    case 'enum':
      return {
        pointer: instancePath,
        detail: `must be one of ${params.allowedValues.join(', ')}`,
      };
    case 'minLength':
      return {
        pointer: instancePath,
        detail:
          params.limit === 1
            ? 'must not be empty'
            : `must have at least ${params.limit} characters`,
      };
    case 'maxLength':
      return { pointer: instancePath, detail: `must have at most ${params.limit} characters` };
    case 'format':
      return { pointer: instancePath, detail: FORMAT_DETAILS[params.format] ?? 'is malformed' };
    default:
      return { pointer: instancePath, detail: error.message ?? 'is not valid' };
  }
}

function childPointer(parent: string, name: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
