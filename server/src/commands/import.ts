import { parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import type { Context } from '../context.ts';
import { type ImportKind, type ImportOptions, importTasks } from '../modules/tasks/import-tasks.ts';
import { type Command, UsageError } from './command.ts';
import { commandGroup } from './command-group.ts';
import { piecesOf, printReport } from './import-report.ts';
import { readTaskFile } from './task-file.ts';
import { ownerIs, ownersByIdentity, ownersInRows, readOwnerNames } from './task-owners.ts';
import { withContext } from './with-context.ts';

function importOf(kind: ImportKind, summary: string): Command {
  return {
    summary,
    usage:
      '<file|-> [--user <email|id> | --users FILE | --foreign [--issuer NAME]] [--source NAME] [--keep-ids] [--oldest-first] [--ignore FIELD]…',
    run: (args) => importFile(kind, args),
  };
}

/**
 * Imports tasks from a file (`-`: from standard input) and prints what became of each row; a rejected
 * one makes the exit code 1.
 * @throws CommandError
 */
async function importFile(kind: ImportKind, args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      user: { type: 'string' },
      users: { type: 'string' },
      foreign: { type: 'boolean', default: false },
      issuer: { type: 'string' },
      source: { type: 'string', default: '' },
      'keep-ids': { type: 'boolean', default: false },
      'oldest-first': { type: 'boolean', default: false },
      ignore: { type: 'string', multiple: true, default: [] },
    },
  });
  const { source, ignore } = values;
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    throw new UsageError('Name one file of JSON or CSV, or - for standard input.');
  }
  const ownersOf = await readOwners(values);
  await withContext(async (ctx) => {
    const findOwner = await ownersOf(ctx);
    const rows = readTaskFile(kind, piecesOf(path), new Set(ignore));
    const options = {
      kind,
      source,
      areIdsKept: values['keep-ids'],
      order: values['oldest-first'] ? ('oldest first' as const) : ('newest first' as const),
      findOwner,
    };
    await printReport(importTasks(ctx, OPERATOR, rows, options));
  });
}

interface OwnerOptions {
  user?: string | undefined;
  users?: string | undefined;
  foreign: boolean;
  issuer?: string | undefined;
}

/** How owners are found; what the options say wrong is told before a database is reached. */
async function readOwners({ user, users, foreign, issuer }: OwnerOptions) {
  if ([user, users, foreign || undefined].filter((it) => it !== undefined).length > 1) {
    throw new UsageError('--user, --users and --foreign each say whose the tasks are: give one.');
  }
  if (issuer !== undefined && !foreign) throw new UsageError('--issuer belongs to --foreign.');
  const names = users === undefined ? new Map<string, string>() : await readOwnerNames(users);
  return async (ctx: Context): Promise<ImportOptions['findOwner']> => {
    if (user !== undefined) return ownerIs(ctx, user);
    if (!foreign) return ownersInRows(ctx, names);
    return ownersByIdentity(ctx, issuer ?? ctx.config.foreignTokens?.issuer ?? null);
  };
}

export const importData = commandGroup('import', 'Import the tasks of an older server', {
  todos: importOf('todos', 'Import todos: id, text, completed'),
  tasks: importOf('tasks', 'Import tasks: id, title, description, status or completed, times'),
});
