import { parseArgs } from 'node:util';
import { OPERATOR } from '../auth/actor.ts';
import { type ImportKind, importTasks } from '../modules/tasks/import-tasks.ts';
import { type Command, UsageError } from './command.ts';
import { commandGroup } from './command-group.ts';
import { piecesOf, printReport } from './import-report.ts';
import { readTaskFile } from './task-file.ts';
import { ownerIs, ownersInRows, readOwnerNames } from './task-owners.ts';
import { withContext } from './with-context.ts';

function importOf(kind: ImportKind, summary: string): Command {
  return {
    summary,
    usage:
      '<file|-> [--user <email|id> | --users FILE] [--source NAME] [--keep-ids] [--oldest-first] [--ignore FIELD]…',
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
      source: { type: 'string', default: '' },
      'keep-ids': { type: 'boolean', default: false },
      'oldest-first': { type: 'boolean', default: false },
      ignore: { type: 'string', multiple: true, default: [] },
    },
  });
  const { user, users, source, ignore } = values;
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    throw new UsageError('Name one file of JSON or CSV, or - for standard input.');
  }
  if (user !== undefined && users !== undefined) {
    throw new UsageError('--user names one account for all rows, --users one for each user.');
  }
  const names = users === undefined ? new Map<string, string>() : await readOwnerNames(users);
  await withContext(async (ctx) => {
    const findOwner = user === undefined ? ownersInRows(ctx, names) : await ownerIs(ctx, user);
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

export const importData = commandGroup('import', 'Import the tasks of an older server', {
  todos: importOf('todos', 'Import todos: id, text, completed'),
  tasks: importOf('tasks', 'Import tasks: id, title, description, status or completed, times'),
});
