import { isCommonPassword } from '../auth/common-passwords.ts';
import { isEmailAddress } from '../auth/email-address.ts';
import { trimText } from '../http/text.ts';
import type { Detail } from './fastapi-errors.ts';

/** What a field may hold: the parts of JSON Schema that decide over it. */
export interface FieldSchema {
  type: string | string[];
  enum?: readonly (string | null)[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  'x-text'?: 'trim' | 'keep';
  'x-max-bytes'?: number;
  'x-uncommon'?: boolean;
}

type Problem = Omit<Detail, 'loc'>;
type Read = { value: unknown } | { problem: Problem };

const TRUE_WORDS = new Set(['1', 'on', 't', 'true', 'y', 'yes']);
const FALSE_WORDS = new Set(['0', 'off', 'f', 'false', 'n', 'no']);

/** A value as pydantic takes it, or what is wrong with it in pydantic's words. */
export function readValue(schema: FieldSchema, value: unknown): Read {
  const types = [schema.type].flat();
  if (value === null && types.includes('null')) return { value: null };
  if (schema.enum) return readWord(schema.enum, value);
  switch (types[0]) {
    case 'boolean':
      return readBoolean(value);
    case 'integer':
      return readInteger(schema, value);
    default:
      return readText(schema, value);
  }
}

function readWord(values: readonly (string | null)[], value: unknown): Read {
  const words = values.filter((word) => word !== null);
  if (typeof value === 'string' && words.includes(value)) return { value };
  const quoted = words.map((word) => `'${word}'`);
  const last = quoted.pop();
  return problem('enum', `Input should be ${quoted.join(', ')} or ${last}`);
}

function readBoolean(value: unknown): Read {
  if (typeof value === 'boolean') return { value };
  if (typeof value !== 'string' && typeof value !== 'number') {
    return problem('bool_type', 'Input should be a valid boolean');
  }
  const word = String(value).toLowerCase();
  if (TRUE_WORDS.has(word)) return { value: true };
  if (FALSE_WORDS.has(word)) return { value: false };
  return problem('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
}

/** Only query and path have whole numbers, so there is only text to read. */
function readInteger({ minimum, maximum }: FieldSchema, value: unknown): Read {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!/^[+-]?\d+$/.test(text)) {
    return problem(
      'int_parsing',
      'Input should be a valid integer, unable to parse string as an integer',
    );
  }
  const number = Number(text);
  if (minimum !== undefined && number < minimum) {
    return problem('greater_than_equal', `Input should be greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined && number > maximum) {
    return problem('less_than_equal', `Input should be less than or equal to ${maximum}`);
  }
  return { value: number };
}

function readText(schema: FieldSchema, value: unknown): Read {
  if (typeof value !== 'string') return problem('string_type', 'Input should be a valid string');
  if (!value.isWellFormed()) {
    return problem(
      'string_unicode',
      'Input should be a valid string, unable to parse raw data as a unicode string',
    );
  }
  const text = schema['x-text'] === 'trim' ? trimText(value) : value;
  const found = lengthProblem(schema, text) ?? contentProblem(schema, text);
  return found ? { problem: found } : { value: text };
}

/** Lengths are counted in code points. */
function lengthProblem({ minLength = 0, maxLength }: FieldSchema, text: string): Problem | null {
  if (countReaches(text, minLength) < minLength) {
    return {
      type: 'string_too_short',
      msg: `String should have at least ${characters(minLength)}`,
    };
  }
  if (maxLength !== undefined && countReaches(text, maxLength + 1) > maxLength) {
    return { type: 'string_too_long', msg: `String should have at most ${characters(maxLength)}` };
  }
  return null;
}

function contentProblem(schema: FieldSchema, text: string): Problem | null {
  const maxBytes = schema['x-max-bytes'];
  if (text.includes('\0')) return valueError('must not contain NUL');
  if (maxBytes !== undefined && Buffer.byteLength(text) > maxBytes) {
    return valueError(`must have at most ${maxBytes} bytes`);
  }
  if (schema['x-uncommon'] && isCommonPassword(text)) {
    return valueError('is one of the most common passwords');
  }
  if (schema.format === 'email' && !isEmailAddress(text)) {
    return { type: 'value_error', msg: 'value is not a valid email address' };
  }
  return null;
}

/** Code points up to a limit; how many there are beyond it does not matter. */
function countReaches(text: string, limit: number): number {
  let count = 0;
  for (const _ of text) {
    if (count === limit) break;
    count += 1;
  }
  return count;
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

function valueError(text: string): Problem {
  return { type: 'value_error', msg: `Value error, ${text}` };
}

function problem(type: string, msg: string): Read {
  return { problem: { type, msg } };
}
