import type { FieldError } from '../errors.ts';
import { IMPORT_FIELDS, readTaskRow } from '../modules/tasks/import-tasks.schema.ts';
import type { ImportKind, ImportRow } from '../modules/tasks/import-tasks.ts';
import { readCsv } from '../platform/csv.ts';
import { readJsonItems } from '../platform/json-items.ts';
import { readLines } from '../platform/lines.ts';
import { CommandError } from './command.ts';
import { printable } from './import-report.ts';

/** Enough for the longest text, all of it written as escapes. */
const MAX_ROW_BYTES = 64 * 1024;
/** A file that begins with more white space than this is not looked at further. */
const MAX_BEGINNING_BYTES = 64 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The rows of a file of old todos or tasks, well-formed or not: a JSON list, JSON lines, or CSV with
 * a header, told apart by how it begins. `ignored` fields are left out.
 * @throws CommandError
 */
export async function* readTaskFile(
  kind: ImportKind,
  pieces: AsyncIterable<Buffer>,
  ignored: ReadonlySet<string>,
): AsyncGenerator<ImportRow> {
  const { beginning, rest } = await begin(pieces);
  const first = beginning.toString('latin1').trimStart()[0];
  if (first === undefined) throw new CommandError('The file is empty.');
  const all = chain(beginning, rest);
  if (first === '[') yield* itemRows(kind, all, ignored);
  else if (first === '{') yield* lineRows(kind, all, ignored);
  else yield* csvRows(kind, all, ignored);
}

/** The first pieces, up to one that shows what the file is, without a byte order mark. */
async function begin(
  pieces: AsyncIterable<Buffer>,
): Promise<{ beginning: Buffer; rest: AsyncIterator<Buffer> }> {
  const rest = pieces[Symbol.asyncIterator]();
  let beginning = Buffer.alloc(0);
  while (beginning.length < MAX_BEGINNING_BYTES) {
    const { value, done } = await rest.next();
    if (done) break;
    beginning = Buffer.concat([beginning, value]);
    if (beginning.length > 3 && beginning.toString('latin1').trim().length > 3) break;
  }
  const hasMark = beginning.subarray(0, 3).equals(BYTE_ORDER_MARK);
  return { beginning: hasMark ? beginning.subarray(3) : beginning, rest };
}

async function* chain(beginning: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield beginning;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function* itemRows(
  kind: ImportKind,
  pieces: AsyncIterable<Buffer>,
  ignored: ReadonlySet<string>,
): AsyncGenerator<ImportRow> {
  for await (const item of readJsonItems(pieces, MAX_ROW_BYTES)) {
    const content = 'bytes' in item ? fromJson(kind, item.bytes, ignored) : failure(item.problem);
    yield { line: item.number, ...content };
  }
}

async function* lineRows(
  kind: ImportKind,
  pieces: AsyncIterable<Buffer>,
  ignored: ReadonlySet<string>,
): AsyncGenerator<ImportRow> {
  for await (const { number, bytes } of readLines(pieces, MAX_ROW_BYTES)) {
    if (bytes === null) yield { line: number, ...failure(`has more than ${MAX_ROW_BYTES} bytes`) };
    else if (bytes.toString('latin1').trim() !== '') {
      yield { line: number, ...fromJson(kind, bytes, ignored) };
    }
  }
}

async function* csvRows(
  kind: ImportKind,
  pieces: AsyncIterable<Buffer>,
  ignored: ReadonlySet<string>,
): AsyncGenerator<ImportRow> {
  let header: string[] | null = null;
  for await (const record of readCsv(pieces, MAX_ROW_BYTES)) {
    if (header === null) {
      if ('problem' in record) throw new CommandError(`The header ${record.problem}.`);
      header = headerOf(kind, record.fields, ignored);
      continue;
    }
    const { line } = record;
    if ('problem' in record) yield { line, ...failure(record.problem) };
    else if (record.fields.length !== header.length) {
      yield {
        line,
        ...failure(`has ${record.fields.length} fields, and the header has ${header.length}`),
      };
    } else {
      // What is empty is not there: CSV cannot write null.
      const fields = header.map((name, i) => [name, record.fields[i]] as const);
      const present = fields.filter(([name, value]) => value !== '' && !ignored.has(name));
      yield { line, ...readTaskRow(kind, Object.fromEntries(present)) };
    }
  }
}

/** @throws CommandError where a column would be lost or is there twice: nothing below would be right */
function headerOf(kind: ImportKind, names: string[], ignored: ReadonlySet<string>): string[] {
  const header = names.map((name) => name.trim());
  const known = IMPORT_FIELDS[kind];
  const stranger = header.find((name) => !known.includes(name) && !ignored.has(name));
  if (stranger !== undefined) {
    throw new CommandError(
      `The column "${printable(stranger)}" is not known; --ignore leaves it out. Known are ${known.join(', ')}.`,
    );
  }
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw new CommandError(`The column "${twice}" is there twice.`);
  return header;
}

function fromJson(
  kind: ImportKind,
  bytes: Buffer,
  ignored: ReadonlySet<string>,
): ReturnType<typeof readTaskRow> {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return failure('is not well-formed JSON in UTF-8');
  }
  return readTaskRow(kind, without(data, ignored));
}

function without(data: unknown, ignored: ReadonlySet<string>): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([field]) => !ignored.has(field)));
}

function failure(detail: string): { errors: FieldError[] } {
  return { errors: [{ pointer: '', detail }] };
}
