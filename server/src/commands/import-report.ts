import { createReadStream } from 'node:fs';
import type { FieldError } from '../errors.ts';
import { CommandError } from './command.ts';

const MAX_NAME_LENGTH = 100;

/** What became of a line, or row, of a file. */
type ImportOutcome =
  | { line: number; outcome: 'created' | 'unchanged' }
  | { line: number; outcome: 'rejected'; errors: FieldError[] };

/** The bytes of a file; `-`: of standard input. @throws CommandError */
export async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  const pieces: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path);
  try {
    yield* pieces;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new CommandError(`The file cannot be read (${code}).`, { cause: error });
  }
}

/** Prints what became of each line and how many there were; a rejected one makes the exit code 1. */
export async function printReport(outcomes: AsyncIterable<ImportOutcome>): Promise<void> {
  const print = (text: string) => void process.stdout.write(text);
  const counts = { created: 0, unchanged: 0, rejected: 0 };
  for await (const it of outcomes) {
    counts[it.outcome] += 1;
    const reasons = it.outcome === 'rejected' ? it.errors.map(sentenceOf).join('; ') : '';
    print(
      `${`${it.line}`.padStart(7)}  ${it.outcome.padEnd(9)}  ${reasons}`.trimEnd().concat('\n'),
    );
  }
  print(`${counts.created} created, ${counts.unchanged} unchanged, ${counts.rejected} rejected\n`);
  if (counts.rejected > 0) process.exitCode = 1;
}

function sentenceOf({ pointer, detail }: FieldError): string {
  return `${pointer ? printable(pointer) : 'the line'} ${detail}`;
}

/** A name that a file gives, short enough to be read; a terminal would obey its control characters. */
export function printable(name: string): string {
  const text = name.replace(/\p{C}/gu, '\uFFFD');
  return text.length > MAX_NAME_LENGTH ? `${text.slice(0, MAX_NAME_LENGTH)}…` : text;
}
