import { parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import { openDatabase as openPool } from '../context.ts';
import { readUserLine } from '../modules/users/import-users.schema.ts';
import { type ImportLine, importUsers } from '../modules/users/import-users.ts';
import { type Line, readLines } from '../platform/lines.ts';
import { UsageError } from './command.ts';
import { foundationOf, openDatabase, readConfig } from './foundation.ts';
import { piecesOf, printReport } from './import-report.ts';

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
    throw new UsageError('Name one file of JSON lines, or - for standard input.');
  }
  const { config, log } = readConfig();
  const database = await openDatabase(config, log, 'command');
  try {
    const db = openPool(foundationOf(config, log, database));
    try {
      const options = { mayGrantRoles: values['allow-roles'] ?? false };
      await printReport(importUsers({ db }, OPERATOR, userLines(path), options));
    } finally {
      await db.close();
    }
  } finally {
    await database.close();
  }
}

async function* userLines(path: string): AsyncGenerator<ImportLine> {
  for await (const line of readLines(piecesOf(path), MAX_LINE_BYTES)) {
    if (!isBlank(line)) yield { line: line.number, ...contentOf(line) };
  }
}

function isBlank({ bytes }: Line): boolean {
  return bytes !== null && bytes.toString('latin1').trim() === '';
}

function contentOf({ bytes }: Line): ReturnType<typeof readUserLine> {
  if (bytes) return readUserLine(bytes);
  return { errors: [{ pointer: '', detail: `has more than ${MAX_LINE_BYTES} bytes` }] };
}
