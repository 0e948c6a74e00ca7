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
import { isCommonPassword } from '../auth/common-passwords.ts';
import { isEmailAddress } from '../auth/email-address.ts';
import { AppError, type FieldError } from '../errors.ts';
import { isTimestamp, trimText } from './text.ts';

const MAX_REPORTED_ERRORS = 20;

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  'string,null': 'text or null',
  integer: 'a whole number',
  boolean: 'true or false',
  'boolean,null': 'true, false or null',
  array: 'a list',
  object: 'an object',
};

const FORMAT_DETAILS: Record<string, string> = {
  email: 'must be an e-mail address such as ada@example.org',
  'date-time': 'must be a time such as 2026-01-31T09:00:00.000Z',
};

/**
 * `x-text: 'trim' | 'keep'` on a string schema: refuses NUL and lone surrogates (neither can be
 * stored), and with `trim` removes white space at both ends before its length is checked.
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
        gen.assign(data, _`${gen.scopeValue('func', { ref: trimText })}(${data})`);
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

/** `x-uncommon: true` on a string schema: refuses the most common passwords. */
const uncommonKeyword: CodeKeywordDefinition = {
  keyword: 'x-uncommon',
  type: 'string',
  schemaType: 'boolean',
  error: { message: 'is one of the most common passwords' },
  code(cxt: KeywordCxt): void {
    const { gen, data } = cxt;
    cxt.fail(_`${gen.scopeValue('func', { ref: isCommonPassword })}(${data})`);
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
    // `?limit=1e400` becomes Infinity, which would else slip past every maximum.
    strictNumbers: !isCoercing,
    strictRequired: false,
  });
  formats.default(ajv);
  ajv.addFormat('date-time', { type: 'string', validate: isTimestamp });
  ajv.addFormat('email', { type: 'string', validate: isEmailAddress });
  ajv.addKeyword(textKeyword);
  ajv.addKeyword(maxBytesKeyword);
  ajv.addKeyword(uncommonKeyword);
  ajv.addKeyword('x-optional');
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
    const isOptional = schema['x-optional'] === true;
    return (data: unknown) => {
      // Fastify hands over null where there is no body.
      if (data === null && isOptional) return { value: undefined };
      if (validate(data)) return { value: data };
      return { error: requestInvalid(validate.errors ?? []) };
    };
  };
}

function requestInvalid(errors: ErrorObject[]): AppError {
  // What is of the wrong type fails other rules as well; the first says it.
  const fields = new Map<string, FieldError>();
  for (const field of errors.map(toFieldError)) {
    if (!fields.has(field.pointer)) fields.set(field.pointer, field);
    if (fields.size === MAX_REPORTED_ERRORS) break;
  }
  return new AppError('request.invalid', { errors: [...fields.values()] });
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
    case 'type':
      return { pointer: instancePath, detail: `must be ${TYPE_NAMES[params.type] ?? params.type}` };
    case 'minimum':
      return { pointer: instancePath, detail: `must be at least ${params.limit}` };
    case 'maximum':
      return { pointer: instancePath, detail: `must be at most ${params.limit}` };
    case 'minItems':
      return {
        pointer: instancePath,
        detail:
          params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} items`,
      };
    case 'uniqueItems':
      return { pointer: instancePath, detail: 'must not hold anything twice' };
    case 'maxItems':
      return { pointer: instancePath, detail: `must have at most ${params.limit} items` };
    case 'format':
      return { pointer: instancePath, detail: FORMAT_DETAILS[params.format] ?? 'is malformed' };
    default:
      return { pointer: instancePath, detail: error.message ?? 'is not valid' };
  }
}

function childPointer(parent: string, name: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
