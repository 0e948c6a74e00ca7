import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import { openDatabase as openPool } from '../context.ts';
import { readUserLine } from '../modules/users/import-users.schema.ts';
import { type ImportLine, type ImportOutcome, importUsers } from '../modules/users/import-users.ts';
import { type Line, readLines } from '../platform/lines.ts';
import { CommandError } from './command.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';

const MAX_LINE_BYTES = 16 * 1024;

/**
 * Imports users from a file of JSON lines (`-`: from standard input) and prints what became of each
 * line; a rejected one makes the exit code 1.
 * @throws CommandError
 */
export async function importUsersCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'allow-roles': { type: 'boolean' } },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    throw new CommandError('Name one file of JSON lines, or - for standard input.');
  }
  const { config, log } = readConfig();
  const database = await openDatabase(config, log, 'command');
  try {
    const db = openPool(foundationOf(config, log, database));
    try {
      const options = { mayGrantRoles: values['allow-roles'] ?? false };
      const outcomes = importUsers({ db }, OPERATOR, userLines(path), options);
      await report(outcomes, (text) => void process.stdout.write(text));
    } finally {
      await db.close();
    }
  } finally {
    await database.close();
  }
}

async function* userLines(path: string): AsyncGenerator<ImportLine> {
  const pieces: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path);
  try {
    for await (const line of readLines(pieces, MAX_LINE_BYTES)) {
      if (!isBlank(line)) yield { line: line.number, ...contentOf(line) };
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new CommandError(`The file cannot be read (${code}).`, { cause: error });
  }
}

function isBlank({ bytes }: Line): boolean {
  return bytes !== null && bytes.toString('latin1').trim() === '';
}

function contentOf({ bytes }: Line): ReturnType<typeof readUserLine> {
  if (bytes) return readUserLine(bytes);
  return { errors: [{ pointer: '', detail: `has more than ${MAX_LINE_BYTES} bytes` }] };
}

async function report(
  outcomes: AsyncIterable<ImportOutcome>,
  print: (text: string) => void,
): Promise<void> {
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

function sentenceOf({ pointer, detail }: { pointer: string; detail: string }): string {
  return `${pointer || 'the line'} ${detail}`;
}
