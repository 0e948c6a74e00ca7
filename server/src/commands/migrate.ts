import { parseArgs } from 'node:util';
import type { ConnectionSource } from '../platform/postgres/connection-options.ts';
import { MigrationError } from '../platform/postgres/migration-files.ts';
import { migrate, migrateTo, migrationStatus } from '../platform/postgres/migrations.ts';
import type { Command } from './command.ts';
import { openDatabase, readConfig } from './foundation.ts';

export const migrateTables: Command = {
  summary: 'Bring the tables up to date, show what is applied, or go to a version',
  usage: '[--status | --to N]',
  async run(args) {
    const { config, log } = readConfig();
    const database = await openDatabase(config, log, 'command');
    try {
      const out = (line: string) => void process.stdout.write(`${line}\n`);
      await migrateCommand(args, { ...database, log: (message) => log.info(message), out });
    } finally {
      await database.close();
    }
  },
};

export interface MigrateCommandDeps {
  ownerConnection: ConnectionSource;
  servingRole: string | null;
  /** Progress. */
  log: (message: string) => void;
  /** What was asked for, a line at a time. */
  out: (line: string) => void;
}

/**
 * `docket migrate [--status | --to N]`: applies what is missing, shows what is applied, or goes to
 * a version.
 * @throws MigrationError; TypeError for unknown arguments
 */
export async function migrateCommand(args: string[], deps: MigrateCommandDeps): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { status: { type: 'boolean' }, to: { type: 'string' } },
  });
  if (values.status && values.to !== undefined) {
    throw new MigrationError('Give either --status or --to, not both');
  }
  if (values.status) return printStatus(deps);
  const count =
    values.to === undefined ? await migrate(deps) : await migrateTo(versionOf(values.to), deps);
  deps.out(count === 0 ? 'Nothing to do: the schema is there already' : `${count} migrations done`);
}

async function printStatus({ ownerConnection, out }: MigrateCommandDeps): Promise<void> {
  for (const { version, name, appliedAt } of await migrationStatus(ownerConnection)) {
    const number = String(version).padStart(4, '0');
    out(`${number} ${name.padEnd(32)} ${appliedAt ?? 'not applied'}`);
  }
}

function versionOf(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new MigrationError('--to takes the number of a migration');
  return Number(text);
}
