import { type Static, Type } from 'typebox';
import { AppError, type FieldError } from '../../errors.ts';
import { Nullable, Timestamp } from '../../http/schema.ts';
import { trimText } from '../../http/text.ts';
import { createValidatorCompiler } from '../../http/validation.ts';
import type { ImportKind, PastTask } from './import-tasks.ts';
import { NewTask } from './tasks.schema.ts';

const Name = Type.String({ 'x-text': 'keep', minLength: 1, maxLength: 255 });
const closed = { additionalProperties: false };

const ANY_ROW = {
  id: Name,
  user_id: Type.Optional(Nullable(Name)),
  user_email: Type.Optional(Nullable(Name)),
  completed: Type.Optional(Nullable(Type.Boolean())),
  created_at: Type.Optional(Nullable(Timestamp)),
  updated_at: Type.Optional(Nullable(Timestamp)),
  completed_at: Type.Optional(Nullable(Timestamp)),
};

const TodoRow = Type.Object(
  { ...ANY_ROW, text: Type.String({ 'x-text': 'keep', minLength: 1, maxLength: 2000 }) },
  closed,
);

const TaskRow = Type.Object(
  {
    ...ANY_ROW,
    title: NewTask.properties.title,
    description: NewTask.properties.description,
    status: Type.Optional(Nullable(NewTask.properties.status)),
  },
  closed,
);
type TodoRow = Static<typeof TodoRow>;
type TaskRow = Static<typeof TaskRow>;

/** The fields that a row may have. */
export const IMPORT_FIELDS: Record<ImportKind, readonly string[]> = {
  todos: Object.keys(TodoRow.properties),
  tasks: Object.keys(TaskRow.properties),
};

const compile = createValidatorCompiler();
const validators = {
  todos: compile({ schema: TodoRow, method: 'POST', url: '', httpPart: 'body' }),
  tasks: compile({ schema: TaskRow, method: 'POST', url: '', httpPart: 'body' }),
};

/** How databases and languages write truth where they have no type for it. */
const BOOLEANS = new Map([
  ['true', true],
  ['t', true],
  ['1', true],
  ['false', false],
  ['f', false],
  ['0', false],
]);

/** Without a zone, as many servers have stored it, a time counts as UTC. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** Reads one row of an older server's data by the rules that hold for bodies of requests. */
export function readTaskRow(
  kind: ImportKind,
  data: unknown,
): { task: PastTask } | { errors: FieldError[] } {
  const result = validators[kind](withKnownForms(data)) as
    | { value: TodoRow | TaskRow }
    | { error: Error };
  if ('error' in result) {
    if (result.error instanceof AppError) return { errors: result.error.errors ?? [] };
    throw result.error;
  }
  const { value } = result;
  const errors = contradictionsOf(value);
  return errors.length > 0 ? { errors } : { task: toPastTask(value) };
}

function withKnownForms(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  const entries = Object.entries(data).map(([field, value]) => [field, knownForm(field, value)]);
  return Object.fromEntries(entries);
}

function knownForm(field: string, value: unknown): unknown {
  if (field === 'completed') {
    const isWord = typeof value === 'string' || typeof value === 'number';
    return (isWord ? BOOLEANS.get(String(value).toLowerCase()) : undefined) ?? value;
  }
  if (field === 'id' || field === 'user_id') {
    // Beyond 2^53 two numbers may have been read as one.
    return Number.isSafeInteger(value) ? String(value) : value;
  }
  if (field.endsWith('_at') && typeof value === 'string') return toRfc3339(value);
  return value;
}

function toRfc3339(text: string): string {
  const [, date, time, fraction = '', zone = 'Z'] = TIME.exec(text) ?? [];
  if (date === undefined) return text;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const offset = /z/i.test(zone) ? 'Z' : `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
  return `${date}T${time}${fraction}${offset}`;
}

function contradictionsOf(row: TodoRow | TaskRow): FieldError[] {
  if ('text' in row) {
    return trimText(row.text) === '' ? [{ pointer: '/text', detail: 'must not be empty' }] : [];
  }
  const { status, completed } = row;
  if (status == null || completed == null || (status === 'completed') === completed) return [];
  return [{ pointer: '/completed', detail: 'contradicts the status' }];
}

function toPastTask(row: TodoRow | TaskRow): PastTask {
  const status = 'text' in row ? null : row.status;
  return {
    sourceId: row.id,
    owner: { userId: row.user_id ?? null, email: row.user_email ?? null },
    title: 'text' in row ? row.text : row.title,
    description: ('text' in row ? null : row.description) || null,
    status: status ?? (row.completed ? 'completed' : 'pending'),
    createdAt: row.created_at ?? null,
    updatedAt: row.updated_at ?? null,
    completedAt: row.completed_at ?? null,
  };
}
